import fc from "fast-check";
import { expect, test } from "vitest";
import { open, startServer } from "../loopback.ts";

/** The body of the PUT that a change of the title sends of a user with this attribute, as text. */
const putOf = async (attribute: string): Promise<string> => {
  const shown = `{"id":"1","userName":"ada","title":"old",${attribute}}`;
  const bodies: string[] = [];
  const { baseUrl } = await startServer((request, response) => {
    if (request.method === "PUT") bodies.push(String(request.body));
    response.writeHead(200, { "content-type": "application/scim+json" });
    response.end(shown);
    return undefined;
  });
  const provider = open(baseUrl, { overrides: { updates: "put", contentType: "text/plain" } as object });
  await provider.patchUser("1", [{ path: "title", from: "old", to: "new" }]);
  return bodies[0] ?? "";
};

test.each([
  ["an integer beyond 2^53", '"x":90071992547409931234'],
  ["one below", '"x":-90071992547409931234'],
  ["more digits than a double has", '"x":0.12345678901234567890123'],
  ["a number beyond all numbers", '"x":{"y":[1,1e400]}'],
  ["a number too small", '"x":1e-400'],
  ["another spelling", '"x":[1.0,1E2,-0]'],
  ["the key __proto__", '"__proto__":{"a":1},"constructor":"c"'],
  ["half a surrogate pair", '"x":"\\ud83d","\\ud83d":1'],
  ["control characters", '"x":"\\u0000\\u001f"'],
])("a PUT holds %s as it was shown", async (_, attribute) => {
  expect(await putOf(attribute)).toContain(attribute);
});

test("a member or an id that is a number beyond 2^53 is the text of it", async () => {
  expect(await putOf('"emails":[{"value":90071992547409931234}]')).toContain(
    '"value":"90071992547409931234"',
  );
});

test("an attribute that a number stands in the place of is replaced as a whole", async () => {
  const bodies: unknown[] = [];
  const { baseUrl } = await startServer((request) => {
    if (request.method === "PUT") bodies.push(request.body);
    return { body: '{"id":"1","name":1.0}' };
  });
  const provider = open(baseUrl, { overrides: { updates: "put" } });
  await provider.patchUser("1", [{ path: "name.givenName", to: "Ada" }]);
  expect(bodies).toMatchObject([{ name: { givenName: "Ada" } }]);
});

test("whatever JSON a user shows, a PUT holds it, but for what was changed", async () => {
  const texts = fc.oneof(
    fc.json({ maxDepth: 3 }),
    fc.stringMatching(/^-?[1-9]\d{0,30}(\.\d{1,20})?([eE][+-]?\d{1,3})?$/),
  );
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      // Written once by JavaScript where it is no number: blanks are not kept.
      const value = /^-?\d/.test(text) ? text : JSON.stringify(JSON.parse(text));
      const put = await putOf(`"urn:example:x":${value}`);
      expect(JSON.parse(put)["urn:example:x"]).toEqual(JSON.parse(value));
      if (/^-?\d/.test(text)) expect(put).toContain(`"urn:example:x":${value}`);
    }),
    { numRuns: 60 },
  );
});
