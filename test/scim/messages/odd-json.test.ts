import { expect, test } from "vitest";
import { parseJson } from "../../../shared/common/parse-json.ts";
import { failureOf, open, startServer } from "../loopback.ts";

/** A list as this text, to every request. */
const listing = async (text: string) => {
  const { baseUrl } = await startServer((_, response) => {
    response.writeHead(200, { "content-type": "application/scim+json" });
    response.end(text);
    return undefined;
  });
  return open(baseUrl);
};

test.each(['{"toString":1,"valueOf":1}', "[[]]", '{"a":1}', "true", '"many"', "null"])(
  "a list whose total is %s tells no total",
  async (total) => {
    const provider = await listing(`{"Resources":[],"totalResults":${total}}`);
    expect(await provider.findUsers("ada")).toEqual([]);
  },
);

test.each([
  ["half a surrogate pair", "\\ud83d"],
  ["too long for an address", "x".repeat(5_000)],
])("a cursor that is %s is a malformed answer", async (_, cursor) => {
  const provider = await listing(`{"Resources":[],"nextCursor":"${cursor}"}`);
  expect(await failureOf(provider.findUsers("ada"))).toMatchObject({
    kind: "malformed",
    message: expect.stringContaining("with a cursor that cannot be sent back"),
  });
});

test.each(['{"toString":1,"valueOf":{},"a":1}', '{"\\u0074oString":1,"a":1}', '[{"valueOf":1,"a":1}]'])(
  "every object of %s has a text",
  (text) => {
    const value = [parseJson(text)].flat()[0];
    expect([String(value), value]).toEqual(["[object Object]", { a: 1 }]);
  },
);
