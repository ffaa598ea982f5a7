import { request as httpRequest } from "node:http";
import { expect, test } from "vitest";
import { aUser, groupUrn, patch, useScim } from "./use-scim.ts";

const usher = useScim();
const errorSchemas = ["urn:ietf:params:scim:api:messages:2.0:Error"];

test.each(["ServiceProviderConfig", "Schemas", "ResourceTypes", "ResourceTypes/User", `Schemas/${groupUrn}`])(
  "%s is open",
  async (path) => {
    const { status, headers } = await usher.send("GET", `/scim/v2/${path}`, { token: null });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/scim+json");
  },
);

test.each([
  ["no token", null],
  ["a token that opens nothing", `usher_scim_${"x".repeat(43)}`],
  ["the admin's token", undefined],
])("all else is refused with %s, in SCIM's form", async (_, token) => {
  for (const path of ["/scim/v2/Users", "/scim/v2/nowhere", "/scim/v2"]) {
    const { status, headers, body } = await usher.send("GET", path, token === undefined ? {} : { token });
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toBe('Bearer realm="usher"');
    expect(headers.get("content-type")).toBe("application/scim+json");
    expect(body).toMatchObject({ schemas: errorSchemas, status: "401" });
  }
});

test("a token is taken without the word Bearer, and opens nothing once its source is gone", async () => {
  const source = await usher.newSource();
  const bare = { token: null, headers: { authorization: source.token } };
  expect((await usher.send("GET", "/scim/v2/Users", bare)).status).toBe(200);
  await usher.call("DELETE", `/sources/${source.sourceId}`);
  expect((await usher.send("GET", "/scim/v2/Users", bare)).status).toBe(401);
});

test.each([
  ["GET", "/nowhere", 404],
  ["GET", "/Users/a/b", 404],
  ["GET", "/Users/%E0%A4%A", 404],
  ["GET", `/Users/${"x".repeat(200)}`, 404],
  ["DELETE", "/Users", 405],
  ["POST", "/Users/some-id", 405],
  ["GET", "/Me", 501],
  ["POST", "/Bulk", 501],
])("%s %s is answered %i in SCIM's form", async (method, path, status) => {
  const source = await usher.newSource();
  const answer = await source.scim(method, path, method === "POST" ? {} : undefined);
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject({ schemas: errorSchemas, status: String(status) });
});

test.each([
  ["a body that is no JSON", "{", {}, 400, "invalidSyntax"],
  ["a list", "[]", {}, 400, "invalidSyntax"],
  ["a depth of thousands", "[".repeat(5000), {}, 400, "invalidSyntax"],
  ["a form", "a=b", { "content-type": "application/x-www-form-urlencoded" }, 415, undefined],
  ["another charset", "{}", { "content-type": "application/scim+json; charset=utf-16le" }, 415, undefined],
  ["no userName", "{}", {}, 400, "invalidValue"],
  ["over 4 MiB", JSON.stringify({ userName: "x", title: "y".repeat(4 * 1024 * 1024) }), {}, 413, undefined],
])("%s is refused", async (_, body, headers, status, scimType) => {
  const source = await usher.newSource();
  const answer = await source.scim("POST", "/Users", body, headers);
  expect(answer.body).toMatchObject({ schemas: errorSchemas, status: String(status) });
  expect(answer.body.scimType).toBe(scimType);
});

test("a password is taken, and kept nowhere", async () => {
  const source = await usher.newSource();
  const secret = "Correct-Horse-7-Battery";
  const { status, body, text } = await source.scim("POST", "/Users", aUser({ password: secret }));
  expect(status).toBe(201);
  const user = (await usher.call("GET", `/users/${body.id}`)).text;
  const events = JSON.stringify(await usher.eventsOf(`userId=${body.id}`));
  for (const seen of [text, user, events]) expect(seen).not.toContain(secret);
});

test("the source shows what it was told last, and never a token", async () => {
  const source = await usher.newSource();
  await source.scim("POST", "/Users", {});
  const { body, text } = await usher.call("GET", `/sources/${source.sourceId}`);
  expect(body.lastError).toMatchObject({
    method: "POST",
    resource: "Users",
    status: 400,
    scimType: "invalidValue",
  });
  expect(text).not.toContain(source.token);
});

test("a Host of another name is refused", async () => {
  const { port } = new URL(usher.url());
  const status = await new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port, path: "/scim/v2/Schemas", headers: { host: "evil.example.com" } },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    request.on("error", reject).end();
  });
  expect(status).toBe(403);
});

test("what is advertised is kept: each attribute of /Schemas is shown as it was sent", async () => {
  const source = await usher.newSource();
  const { body } = await usher.send("GET", "/scim/v2/Schemas", { token: null });
  const sample = (attribute: Sampled): unknown => {
    const one = attribute.subAttributes
      ? Object.fromEntries(attribute.subAttributes.map((sub) => [sub.name, sample(sub)]))
      : { boolean: true, string: `a-${attribute.name}@example.com` }[attribute.type];
    return attribute.multiValued ? [one] : one;
  };
  const [core, enterprise] = ["User", "EnterpriseUser"].map((name) =>
    body.Resources.find((schema: { name: string }) => schema.name === name),
  );
  const of = (list: Sampled[]) => Object.fromEntries(list.map((one) => [one.name, sample(one)]));
  const sent: Record<string, unknown> = {
    ...of(core.attributes),
    [enterprise.id]: of(enterprise.attributes),
  };
  const made = await source.scim("POST", "/Users", sent);
  const { id, meta, schemas, ...shown } = made.body;
  expect(shown).toEqual(sent);
  const cleared = await source.scim("PUT", `/Users/${id}`, { userName: sent.userName });
  expect(Object.keys(cleared.body).sort()).toEqual(["active", "id", "meta", "schemas", "userName"]);
});
type Sampled = { name: string; type: "boolean" | "string"; multiValued: boolean; subAttributes?: Sampled[] };

test("an empty list of operations changes nothing", async () => {
  const source = await usher.newSource();
  const { body } = await source.scim("POST", "/Users", aUser());
  const { status } = await source.scim("PATCH", `/Users/${body.id}`, patch());
  expect([200, 204]).toContain(status);
  expect((await source.scim("GET", `/Users/${body.id}`)).body).toEqual(body);
});

test.each(["utf-8", '"UTF-8"', "utf8", "us-ascii"])("a body in the charset %s is read", async (charset) => {
  const source = await usher.newSource();
  const headers = { "content-type": `application/scim+json; charset=${charset}` };
  expect((await source.scim("POST", "/Users", aUser(), headers)).status).toBe(201);
});

test("of several who replace the version that they have read by the very same, one wins and the others are told", async () => {
  const source = await usher.newSource();
  const user = await source.scim("POST", "/Users", aUser());
  const group = await source.scim("POST", "/Groups", { displayName: `Readers ${user.body.id}` });
  const title = { op: "replace", path: "title", value: "Engineer" };
  const member = { op: "add", path: "members", value: [{ value: user.body.id }] };
  const changes: [path: string, made: typeof user, operation: object][] = [
    ["Users", user, title],
    ["Groups", group, member],
  ];
  for (const [path, made, operation] of changes) {
    const headers = { "if-match": made.headers.get("etag") ?? "" };
    const all = await Promise.all(
      Array.from({ length: 6 }, () =>
        source.scim("PATCH", `/${path}/${made.body.id}`, patch(operation), headers),
      ),
    );
    const codes = all.map(({ status }) => status).toSorted();
    expect(codes.slice(1), path).toEqual([412, 412, 412, 412, 412]);
    expect([200, 204], path).toContain(codes[0]);
  }
  const { body } = await source.scim("GET", `/Groups/${group.body.id}`);
  const stale = await source.scim("DELETE", `/Groups/${group.body.id}`, undefined, {
    "if-match": String(group.headers.get("etag")),
  });
  expect([stale.status, body.members]).toMatchObject([412, [{ value: user.body.id }]]);
});
