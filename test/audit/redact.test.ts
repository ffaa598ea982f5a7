import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isSecretName,
  redactChanges,
  redactMembers,
  redactText,
  redactTexts,
} from "../../shared/audit/redact.ts";
import { toItem } from "../../shared/aws/table/dynamodb-client.ts";
import type { Change } from "../../shared/model/event.ts";
import type { JsonValue } from "../../shared/model/json.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const marked = "S3cr3t-Marker-0f9d";

describe("a field with a secret-like name", () => {
  it.each([
    "token",
    "clientSecret",
    "client_secret",
    "CLIENT-SECRET",
    "credentials",
    "credentials.clientSecret",
    "password",
    "passwd",
    "urn:ietf:params:scim:schemas:core:2.0:User:password",
    "Authorization",
    "x-api-key",
    "privateKey",
    "ｔｏｋｅｎ",
  ])("%s keeps its name and loses its values", (field) => {
    expect(redactChanges([{ field, from: "old", to: marked }])).toEqual([{ field }]);
  });

  it.each(["title", "secretary", "name.givenName", "passing", "baseUrl", "clientId"])(
    "%s is not one",
    (name) => {
      expect(isSecretName(name)).toBe(false);
    },
  );

  it.each(["Bearer {clientSecret}", "Token token={clientSecret}"])(
    "is not that of a template: %s",
    (template) => {
      const to = { authorizationTemplate: template, authorization: template };
      expect(redactChanges([{ field: "overrides", to }])).toEqual([
        { field: "overrides", to: { authorizationTemplate: template, authorization: "[redacted]" } },
      ]);
    },
  );

  it("is found at any depth, and where the name of the field is itself a value", () => {
    const to: JsonValue = {
      list: [{ deep: { apiToken: marked } }],
      attributes: [{ name: "vpnPassword", value: marked }],
      rows: [{ target: "password", constant: marked }],
      kept: "yes",
    };
    const [change] = redactChanges([{ field: "attributes", to }]);
    expect(JSON.stringify(change)).not.toContain(marked);
    expect(change?.to).toMatchObject({ kept: "yes", attributes: [{ name: "vpnPassword" }] });
  });

  it("never gets a value through, whatever surrounds it", () => {
    const secretField = fc.constantFrom("token", "clientSecret", "password", "Authorization", "api_key");
    const wrap = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        secretField.map((name) => ({ [name]: marked })),
        fc
          .tuple(
            fc.json().map((json) => JSON.parse(json) as JsonValue),
            tie("value"),
          )
          .map((pair) => pair as JsonValue[]),
        fc.tuple(fc.string(), tie("value")).map(([name, value]) => ({ [name]: value }) as JsonValue),
      ),
    })).value;
    fc.assert(
      fc.property(wrap, fc.string(), (to, field) => {
        expect(JSON.stringify(redactChanges([{ field, from: to, to }]))).not.toContain(marked);
      }),
      { numRuns: 300 },
    );
  });
});

describe("free text", () => {
  it.each([
    [`sent Authorization: Bearer ${marked}${marked}`, "sent Authorization: Bearer [redacted]"],
    [`{"clientSecret": "a\\"${marked}", "id": 1}`, '{"clientSecret": [redacted], "id": 1}'],
    [`{"token":"${marked}`, '{"token":[redacted]'],
    [`body: {\\"token\\":\\"${marked}\\",\\"a\\":1}`, 'body: {\\"token\\":[redacted],\\"a\\":1}'],
    [`grant=x&client_secret=${marked}&a=b`, "grant=x&client_secret=[redacted]&a=b"],
  ])("%j loses the secret and keeps the rest", (text, expected) => {
    expect(redactText(text)).toBe(expected);
    expect(redactTexts([text])).toEqual([expected]);
    expect(redactChanges([{ field: "note", to: text }])).toEqual([{ field: "note", to: expected }]);
  });

  it("that only speaks of a secret stays as it is", () => {
    const text = "Invalid token: it has expired. Bearer authentication is required.";
    expect(redactText(text)).toBe(text);
  });

  it("over 1,024 characters is cut, with its length and hash", () => {
    const text = "x".repeat(5000);
    expect(redactText(text)).toBe(`${"x".repeat(256)}… (cut: 5000 characters, sha256 ${sha256(text)})`);
  });

  it("is redacted in time that grows with its length alone", () => {
    for (const part of ['"', '\\"', '"token":', "token=", "Bearer ", '"a":"\\', "a=", " "]) {
      const started = performance.now();
      redactText(part.repeat(50_000));
      expect(performance.now() - started).toBeLessThan(3000);
    }
  });
});

describe("a long value", () => {
  it("becomes its beginning, length and hash", () => {
    const value = "ü".repeat(1100);
    const json = JSON.stringify({ value });
    expect(redactChanges([{ field: "title", from: value, to: { value } }])).toEqual([
      {
        field: "title",
        from: { cut: "ü".repeat(256), length: 1100, sha256: sha256(value) },
        to: { cut: json.slice(0, 256), length: json.length, sha256: sha256(json) },
      },
    ]);
  });

  it("of exactly 1,024 characters of JSON stays", () => {
    const fits = "a".repeat(1022);
    expect(redactChanges([{ field: "title", to: fits }])[0]?.to).toBe(fits);
    expect(redactChanges([{ field: "title", to: `${fits}a` }])[0]?.to).toMatchObject({ length: 1023 });
  });
});

describe("any changes", () => {
  const json = fc.json({ maxDepth: 20 }).map((text) => JSON.parse(text) as JsonValue);
  const numbers = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger());
  const value = fc.oneof(json, numbers, fc.string({ unit: "binary" }), fc.array(numbers));

  it("can be stored, and come back the same from what was stored", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ field: fc.string(), from: value, to: value }, { requiredKeys: ["field"] })),
        (changes) => {
          const safe = redactChanges(changes as Change[]);
          expect(() => toItem({ safe })).not.toThrow();
          expect(safe).toHaveLength(changes.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("short and without secrets stay as they are", () => {
    const changes: Change[] = [
      { field: "active", from: true, to: false },
      { field: "emails", to: [{ value: "ada@example.com", primary: true }] },
      { field: "title", from: "Engineer" },
      { field: "age", from: null, to: 0.5 },
    ];
    expect(redactChanges(changes)).toEqual(changes);
  });

  it("nested a thousand deep, or with huge numbers, are still storable", () => {
    let deep: JsonValue = "bottom";
    for (let level = 0; level < 1000; level++) deep = [deep];
    expect(() =>
      toItem({ all: redactChanges([{ field: "x", from: deep, to: [1e300, 1e-300, 2 ** 60] }]) }),
    ).not.toThrow();
  });

  it("of very many, the first stay and a last row counts and hashes all", () => {
    const changes = Array.from({ length: 2000 }, (_, n) => ({ field: `f${n}`, to: n }));
    const safe = redactChanges(changes);
    expect(safe).toHaveLength(501);
    expect(safe[499]).toEqual({ field: "f499", to: 499 });
    expect(safe[500]).toEqual({
      field: "… and 1500 more",
      to: { length: 2000, sha256: sha256(JSON.stringify(changes)) },
    });
  });
});

describe("members", () => {
  it("up to 100 are shown as they are", () => {
    const ids = Array.from({ length: 100 }, (_, n) => `user-${n}`);
    expect(redactMembers(ids)).toEqual({ shown: ids });
  });

  it("beyond 100 are counted, and hashed in sorted order", () => {
    const ids = Array.from({ length: 150 }, (_, n) => `user-${n}`);
    const cut = redactMembers(ids.toReversed());
    expect(cut.shown).toEqual(ids.toReversed().slice(0, 100));
    expect(cut).toMatchObject({ total: 150, sha256: sha256(ids.toSorted().join("\n")) });
  });
});
