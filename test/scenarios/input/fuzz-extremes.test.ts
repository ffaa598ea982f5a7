import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { startScimmy } from "../../providers/scimmy.ts";
import { checkRaw, sendRaw } from "../../support/raw-request.ts";
import { expectOk, givenIntegration, givenSaved, useUsher } from "../../support/steps.ts";
import { callsWithBodies } from "./extremes.ts";

const usher = useUsher();
let integrationId: string;
let members: string[];

beforeAll(async () => {
  const provider = await startScimmy();
  ({ integrationId } = await givenIntegration(usher, provider));
  members = await givenSaved(usher, 3);
  return () => provider.close();
});

const secret = "s3cr3t-marked-value";

/** The body with a secret that can be told apart, members that are there, and no target but the test's own. */
const fitted = (body: unknown): unknown => {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const fields = Object.entries(body).map(([name, value]): [string, unknown] => {
    if (name === "clientSecret") return [name, secret];
    if (name === "baseUrl" || name === "tokenUrl") return [name, "https://127.0.0.1:1/x"];
    if (["members", "add"].includes(name)) return [name, members];
    return [name, fitted(value)];
  });
  return Object.fromEntries(fields);
};

test.each(callsWithBodies)(
  "valid bodies of extreme values are never answered with 500, nor with a secret: $method $path",
  async ({ method, path, type, body }) => {
    const at = path.replace("{integrationId}", integrationId).replaceAll(/\{\w+\}/g, "extreme");
    await fc.assert(
      fc.asyncProperty(body, async (sent) => {
        const text = Buffer.from(JSON.stringify(fitted(sent)) ?? "null");
        const call = { method, path: at, headers: { "content-type": type }, body: text };
        await checkRaw(usher.run, call);
        if (text.includes(secret)) expect((await sendRaw(usher.run, call)).text).not.toContain(secret);
      }),
      { numRuns: 25 },
    );
    // What was taken can be read again, whole and in every list.
    for (const read of [
      "/users",
      "/integrations",
      `/integrations/${integrationId}/users`,
      `/integrations/${integrationId}/groups`,
      `/events?integrationId=${integrationId}`,
    ])
      expectOk(await usher.call("GET", read));
  },
  60_000,
);

test("no query of a declared parameter with an odd value is answered with 500, or changes anything", async () => {
  const name = fc.constantFrom(
    "limit",
    "cursor",
    "confirm",
    "action",
    "state",
    "desired",
    "email",
    "dryRun",
    "from",
    "",
  );
  const value = fc.oneof(
    fc.constantFrom(
      "",
      "0x10",
      "1e9",
      "-0",
      " 1",
      "NaN",
      "true",
      "9".repeat(400),
      "\u202e",
      "a,b",
      "null",
      "[]",
    ),
    fc.string({ unit: "binary", maxLength: 30 }).map((text) => text.toWellFormed()),
  );
  const query = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 3 });
  const target = fc.constantFrom(
    ["DELETE", "/users/extreme-q"],
    ["DELETE", "/integrations/INT"],
    ["DELETE", "/integrations/INT/users/extreme-q"],
    ["GET", "/users"],
    ["GET", "/integrations/INT/users"],
    ["GET", "/integrations/INT/groups"],
    ["GET", "/events"],
    ["GET", "/health"],
  );
  const [userId = ""] = await givenSaved(usher, 1);
  expectOk(await usher.call("PUT", `/integrations/${integrationId}/users/${userId}`));
  await fc.assert(
    fc.asyncProperty(target, query, ([method = "", path = ""], pairs) => {
      const at = path.replace("INT", integrationId).replace("extreme-q", userId);
      return checkRaw(usher.run, {
        method,
        path: `${at}?${new URLSearchParams(pairs)}`,
        headers: {},
        body: undefined,
      });
    }),
    // Values of `action` that are valid take the user out, which the odd ones here never are.
    { numRuns: 500 },
  );
  expect((await usher.call("GET", `/users/${userId}`)).body).not.toHaveProperty("deletedAt");
  expect((await usher.call("GET", `/integrations/${integrationId}/users/${userId}`)).body.active).toBe(true);
});

test("bodies of extreme values are taken, too", async () => {
  expectOk(await usher.call("GET", "/users/extreme"));
  expectOk(await usher.call("GET", `/integrations/${integrationId}/groups/extreme`));
});
