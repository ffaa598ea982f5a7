import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedactor } from "../../../shared/scim/auth/redact.ts";
import { readScimError } from "../../../shared/scim/messages/scim-error.ts";
import { failureOf, open, secret, startServer } from "../loopback.ts";

const errorSchema = "urn:ietf:params:scim:api:messages:2.0:Error";
const asIs = (text: string): string => text;

describe("the provider's words are found in", () => {
  test.each([
    [
      "an error of RFC 7644",
      { schemas: [errorSchema], detail: "Taken.", status: "409", scimType: "uniqueness" },
      ["Taken."],
    ],
    [
      "schemas as text, status as number",
      { schemas: errorSchema, detail: "Taken.", status: 409 },
      ["Taken."],
    ],
    ["detail as a list", { detail: ["One.", "Two.", "One."] }, ["One.", "Two."]],
    ["SCIM 1.1", { Errors: [{ description: "user_not_found", code: 404 }] }, ["user_not_found"]],
    ["a gateway's body", { message: "Too Many Requests" }, ["Too Many Requests"]],
    ["a nested error", { error: { code: 7, message: "No." } }, ["No."]],
    ["OAuth", { error: "invalid_token", error_description: "Expired." }, ["Expired."]],
    ["other key case", { Detail: "Taken." }, ["Taken."]],
    ["a JSON text", "plain", ["plain"]],
    ["JSON without words", { status: "500" }, []],
    ["null", null, []],
  ])("%s", (_, body, details) => {
    expect(readScimError(JSON.stringify(body), asIs).details).toEqual(details);
  });

  test.each([
    ["plain text, on one line", "no\r\n\tsuch\u0000 user", ["no such user"]],
    ["nothing", "", []],
    ["truncated JSON", '{"detail": "Ta', ['{"detail": "Ta']],
  ])("%s", (_, text, details) => {
    expect(readScimError(text, asIs).details).toEqual(details);
  });

  test.each([
    "<!DOCTYPE html><p>",
    "  <html>",
    "<?xml version='1.0'?>",
    JSON.stringify({ detail: "<b>x</b>" }),
  ])("%s: markup is named and never quoted", (text) => {
    expect(readScimError(text, asIs).details).toEqual(["answered HTML"]);
  });

  test("words are cut to 1,000 characters in all", () => {
    const { details } = readScimError(JSON.stringify({ detail: ["a".repeat(800), "b".repeat(3000)] }), asIs);
    expect(details.join("")).toHaveLength(1000);
    expect(readScimError("😀".repeat(2000), asIs).details[0]?.isWellFormed()).toBe(true);
  });

  test("scimType is handed on if it looks like one", () => {
    expect(readScimError('{"scimType":"uniqueness"}', asIs).scimType).toBe("uniqueness");
    expect(readScimError('{"scimType":"<b>"}', asIs)).not.toHaveProperty("scimType");
  });
});

describe("the kind follows the status, whatever the body says", () => {
  test.each([
    [400, "rejected"],
    [401, "unauthorized"],
    [403, "rejected"],
    [404, "not-found"],
    [409, "conflict"],
    [410, "not-found"],
    [412, "rejected"],
    [413, "rejected"],
    [422, "rejected"],
    [429, "unavailable"],
    [500, "unavailable"],
    [501, "rejected"],
    [503, "unavailable"],
  ])("%i is %s", async (status, kind) => {
    const { baseUrl } = await startServer(() => ({ status, body: { status: "200", detail: "fine" } }));
    const failure = await failureOf(open(baseUrl).renameGroup("1", "x"));
    expect(failure).toMatchObject({ kind, status, details: ["fine"] });
    expect(failure.message).toMatch(new RegExp(`^The service provider answered ${status} [A-Z]`));
  });

  test("404 to a POST is no missing resource but a wrong address", async () => {
    const { baseUrl } = await startServer(() => ({ status: 404 }));
    expect((await failureOf(open(baseUrl).createUser({ userName: "a" }))).kind).toBe("rejected");
  });
});

describe("a 2xx that is not SCIM is malformed", () => {
  test.each([
    ["HTML", "<html>Sign in</html>"],
    ["nothing", ""],
    ["broken JSON", '{"Resources": ['],
    ["a JSON list", "[]"],
    ["some other JSON", '{"ok": true}'],
    ["Resources that are no list", '{"totalResults": 1, "Resources": {"id": 1}}'],
    ["Resources that are no resources", '{"totalResults": 1, "Resources": [1]}'],
    ["a match without id", '{"totalResults": 1, "Resources": [{"userName": "a"}]}'],
    [
      "absurd nesting",
      `{"Resources": [{"userName": "a", "id": "1", "x": ${"[".repeat(9000)}${"]".repeat(9000)}}]}`,
    ],
  ])("a lookup answered with %s", async (_, body) => {
    const { baseUrl } = await startServer(() => ({ body }));
    expect(await failureOf(open(baseUrl).findUsers("a"))).toMatchObject({ kind: "malformed", status: 200 });
  });

  test.each([
    "<html>Sign in</html>",
    "",
    "{",
    "[]",
    '{"ok": true}',
    '{"id": ""}',
    '{"id": ".."}',
    '{"id": {"a": 1}}',
  ])("a create answered with %s may have been applied", async (body) => {
    const { baseUrl, requests } = await startServer(() => ({ status: 201, body }));
    const failure = await failureOf(open(baseUrl).createUser({ userName: "a" }));
    expect(failure).toMatchObject({ kind: "malformed", status: 201, maybeApplied: true });
    expect(requests).toHaveLength(1);
  });

  test("a change answered with a login page is not taken for done", async () => {
    const { baseUrl } = await startServer(() => ({ body: "<html>Sign in</html>" }));
    const provider = open(baseUrl);
    expect(await failureOf(provider.patchUser("1", [{ path: "title", to: "x" }]))).toMatchObject({
      kind: "malformed",
    });
    expect(await failureOf(provider.deleteUser("1"))).toMatchObject({ kind: "malformed" });
  });

  test.each([204, 200, 201, 202])("a change answered with an empty %i is done", async (status) => {
    const { baseUrl } = await startServer(() => ({ status }));
    const provider = open(baseUrl);
    await provider.patchUser("1", [{ path: "title", to: "x" }]);
    await provider.deleteUser("1");
    await provider.renameGroup("1", "x");
  });
});

describe("the secret", () => {
  test("that the provider echoes is in no failure and no last answer", async () => {
    const basic = Buffer.from(`client:${secret}`).toString("base64");
    const echo = `Bearer ${secret} / ${secret.slice(0, 12)}… / ${secret.toUpperCase()} / Basic ${basic}`;
    const { baseUrl } = await startServer(() => ({
      status: 400,
      body: { detail: [echo, `token ${secret}`] },
    }));
    const provider = open(baseUrl);
    const failure = await failureOf(provider.findUsers("a"));
    const shown = JSON.stringify([
      failure,
      failure.message,
      failure.stack,
      provider.lastAnswer(),
    ]).toLowerCase();
    for (let at = 0; at + 8 <= secret.length; at++) expect(shown).not.toContain(secret.slice(at, at + 8));
    expect(shown).not.toContain(basic.slice(12, 40).toLowerCase());
    expect(failure.details[0]).toContain("Bearer [redacted] / [redacted]");
  });

  test("is redacted before words are cut, so that no end of it is left", async () => {
    const { baseUrl } = await startServer(() => ({ status: 400, body: `${"x".repeat(990)} ${secret}` }));
    const { details } = await failureOf(open(baseUrl).findUsers("a"));
    expect(details[0]).not.toContain(secret.slice(0, 8));
  });

  const visible = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)),
    minLength: 8,
    maxLength: 80,
  });

  test("never survives whole, in any encoding, at any place", () => {
    fc.assert(
      fc.property(visible, fc.string(), fc.string(), (token, before, after) => {
        const redact = createRedactor(token);
        expect(redact(before + token + after)).not.toContain(token);
        for (const encoding of ["base64", "base64url", "hex"] as const) {
          const encoded = Buffer.from(token).toString(encoding);
          expect(redact(`${before} ${encoded} ${after}`)).not.toContain(encoded);
        }
        // In the middle of a longer base64 text: what is left must not decode to the secret.
        const inside = Buffer.from(`${before}${token}${after}`).toString("base64");
        const left = redact(inside).replaceAll("[redacted]", "");
        expect(Buffer.from(left, "base64").toString()).not.toContain(token);
      }),
    );
  });

  test("words that share nothing with it stay as they are", () => {
    const redact = createRedactor("0123456789abcdef");
    const words = "One or more of the attribute values are already in use or are reserved.";
    expect(redact(words)).toBe(words);
    expect(redact("id 01234567 is taken")).toBe("id [redacted] is taken");
  });

  test("redacting a long text is quick", () => {
    const redact = createRedactor("ab".repeat(4096));
    const started = performance.now();
    redact("ba".repeat(8000));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
