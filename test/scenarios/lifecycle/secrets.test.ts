import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Interception } from "../../providers/provider.ts";
import { startStrongDm } from "../../providers/strongdm/strongdm.ts";
import { filesOf, placesOf } from "../../support/secret-search.ts";
import { aPerson, type Body } from "../../support/steps.ts";
import { startUsherProcess, type UsherProcess } from "../../support/usher-process.ts";

/** Visible ASCII, as a token is, with characters that every encoding spells differently. */
const secrets = {
  first: 'MARKED-1/Qx7+"Zt\\=?&%40~vWk93hSd',
  second: 'MARKED-2/Lm4+"Gh\\=?&%41~pRb58cYf',
  refused: 'MARKED-3/Vn6+"Kj\\=?&%42~tHs27wXg',
  mistyped: 'MARKED-4/Bd9+"Pc\\=?&%43~yUe16zTa',
  caller: "MARKED-5/Caller~token+for=this-run",
};

const dataDir = mkdtempSync(join(tmpdir(), "usher-secrets-"));
const answers = new Map<string, string>();
let usher: UsherProcess;
let exitCode: number | null;
let events: Body[] = [];
let files: Map<string, string>;
const shown: string[] = [];

const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(usher.url + path, {
    method,
    headers: { authorization: `Bearer ${secrets.caller}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  answers.set(
    `${answers.size} ${method} ${path} ${response.status}`,
    `${JSON.stringify([...response.headers])}\n${text}`,
  );
  return { status: response.status, body: (text ? JSON.parse(text) : {}) as Body };
};

/** All the ways in which a provider may show a token again. */
const echoes = (token: string): Interception[] => {
  const encoded = Buffer.from(token).toString("base64");
  return [
    ...[400, 401, 403, 404, 409, 422, 500, 501].map((status) => ({
      status,
      headers: {
        "content-type": "application/scim+json",
        "www-authenticate": `Bearer error="${encoded}"`,
        "x-request-id": encoded,
      },
      body: JSON.stringify({
        detail: `token ${token} (${encoded}) refused`,
        status: String(status),
        scimType: "invalidValue",
      }),
    })),
    { status: 400, body: `Authorization: Bearer ${token}` },
    { status: 400, body: JSON.stringify({ error: { message: encodeURIComponent(token) }, [token]: token }) },
    { status: 403, headers: { "content-type": "text/html" }, body: `<html><h1>${token}</h1></html>` },
    { status: 200, headers: { "content-type": "text/html" }, body: `<html><h1>${token}</h1></html>` },
    { status: 200, body: `{"Resources": [{"id": "${encoded}"` },
    { status: 302, headers: { location: `/login?token=${encodeURIComponent(token)}` } },
    { status: 307, headers: { location: `http://127.0.0.1:1/${encodeURIComponent(token)}` } },
  ];
};

/** A provider that shows the token as an account: in its id, its address and its attributes. */
const echoingAccounts = (token: string, userName: string) => {
  const shows = (id: string) => ({
    id,
    userName,
    title: `is ${token}`,
    displayName: token,
    name: { givenName: token },
  });
  const headers = { "content-type": "application/scim+json" };
  const list = (...ids: string[]) => ({
    status: 200,
    headers,
    body: JSON.stringify({ totalResults: ids.length, Resources: ids.map(shows) }).replaceAll("/", "\\/"),
  });
  const created = (location: string) => ({ status: 201, headers: { ...headers, location } });
  const answers = [
    { GET: list("known-1") },
    { GET: list(`id-${token}`) },
    { GET: list(token, `${token}2`) },
    { GET: list(), POST: { status: 201, headers, body: JSON.stringify(shows(`made-${token}`)) } },
    { GET: list(), POST: created(`/Users/${encodeURIComponent(token)}`) },
  ];
  return answers.map((by): ((request: { method: string }) => Interception | undefined) => {
    const said: Record<string, Interception> = by;
    return ({ method }) => said[method];
  });
};

const bearer = (clientSecret: unknown) => ({ type: "bearer", clientSecret });

beforeAll(async () => {
  usher = await startUsherProcess({ dataDir, token: secrets.caller });
  const provider = await startStrongDm({ token: secrets.first });
  const activation = (credentials: unknown, more: object = {}) => ({
    application: { name: "Marked" },
    profile: "strongdm",
    baseUrl: provider.baseUrl,
    credentials,
    ...more,
  });

  const wrong: unknown[] = [
    secrets.mistyped,
    [secrets.mistyped],
    { type: secrets.mistyped, clientSecret: secrets.mistyped },
    bearer([secrets.mistyped]),
    bearer({ value: secrets.mistyped }),
    bearer(`${secrets.mistyped}\r\nX-Injected: 1`),
    bearer(`${secrets.mistyped} `),
    bearer(secrets.mistyped.repeat(400)),
    { ...bearer(secrets.mistyped), clientId: { of: secrets.mistyped } },
    { ...bearer(secrets.mistyped), extra: secrets.mistyped },
    { ...bearer(secrets.mistyped), clientId: "x".repeat(2000) },
  ];
  for (const credentials of wrong) await call("POST", "/integrations", activation(credentials));
  await call("POST", "/integrations", activation(bearer(secrets.mistyped), { baseUrl: "https://10.0.0.1" }));
  await call(
    "POST",
    "/integrations",
    activation(bearer(secrets.mistyped), {
      baseUrl: `https://${encodeURIComponent(secrets.mistyped)}@example.com`,
    }),
  );
  const text = JSON.stringify(activation(bearer(secrets.mistyped)));
  await call("POST", "/integrations", text.slice(0, -1));
  await call("POST", "/integrations", `${text}x`);
  await call("POST", "/integrations", text, { "content-type": "text/plain" });
  await call("POST", "/integrations", text.replace("}", " ".repeat(1024 * 1024)));
  await call("POST", "/nowhere", text);
  await call("PUT", "/integrations", text);

  await call("POST", "/integrations", activation(bearer(secrets.refused)), { "idempotency-key": "marked" });
  for (const echo of echoes(secrets.refused)) {
    provider.intercept = () => echo;
    await call("POST", "/integrations", activation(bearer(secrets.refused)));
  }
  provider.intercept = undefined;

  const key = { "idempotency-key": "marked-2" };
  const { integrationId } = (await call("POST", "/integrations", activation(bearer(secrets.first)), key))
    .body;
  await call("POST", "/integrations", activation(bearer(secrets.first)), key);
  await call("POST", "/integrations", activation(bearer(secrets.second)), key);
  const path = `/integrations/${integrationId}`;
  for (const credentials of wrong) {
    await call("PATCH", path, { credentials });
    await call("POST", `${path}/reauth`, { credentials });
  }
  for (const echo of [undefined, ...echoes(secrets.refused)]) {
    provider.intercept = () => echo;
    await call("PATCH", path, { credentials: bearer(secrets.refused) });
    await call("POST", `${path}/reauth`, { credentials: bearer(secrets.refused) });
  }
  provider.intercept = undefined;
  await call("PATCH", path, { profile: "generic", credentials: bearer(secrets.refused) });
  await call("PATCH", path, { credentials: bearer(secrets.refused) }, { "if-match": '"99"' });

  const { userId, user } = aPerson();
  const other = aPerson();
  const userPath = `${path}/users/${userId}`;
  const groupPath = `${path}/groups/marked`;
  await call("PUT", userPath, user);
  await call("PUT", groupPath, { name: "Marked", members: [userId] });
  let round = 0;
  for (const echo of echoes(secrets.first)) {
    round += 1;
    provider.intercept = () => echo;
    await call("PUT", userPath, { ...user, jobTitle: `Title ${round}` });
    await call("PUT", groupPath, { name: `Marked ${round}` });
    await call("PUT", `${path}/users/${other.userId}`, other.user);
    await call("DELETE", `${userPath}?action=delete`);
    await call("PUT", userPath);
    provider.intercept = undefined;
    // The 401 among them stops the integration.
    await call("POST", `${path}/reauth`, { credentials: bearer(secrets.first) });
  }
  for (const echo of echoes(secrets.first)) {
    const newcomer = aPerson();
    provider.intercept = ({ method }) => (method === "GET" ? undefined : echo);
    await call("PUT", `${path}/users/${newcomer.userId}`, newcomer.user);
    provider.intercept = undefined;
    await call("POST", `${path}/reauth`, { credentials: bearer(secrets.first) });
  }
  for (const at of echoingAccounts(secrets.first, "").keys()) {
    const { userId: id, user: body } = aPerson();
    provider.intercept = echoingAccounts(secrets.first, body.email)[at];
    const { body: made } = await call("PUT", `${path}/users/${id}`, { ...body, jobTitle: "Wanted" });
    shown.push(String(made.remoteId ?? made.detail));
    await call("PUT", `${path}/groups/echoed-${at}`, { name: `Echoed ${at}`, members: [id] });
    await call("GET", `${path}/users/${id}`);
    provider.intercept = undefined;
  }
  provider.setToken(secrets.second);
  await call("PUT", userPath, { ...user, jobTitle: "Last" });
  await call("POST", `${path}/reauth`, { credentials: bearer(secrets.second) });
  await call("PUT", userPath);
  await call("PATCH", path, { credentials: bearer(secrets.second) });

  for (const at of [
    path,
    "/integrations",
    userPath,
    groupPath,
    `${groupPath}/members`,
    "/users",
    `/users/${userId}`,
  ]) {
    await call("GET", at);
  }
  events = (await call("GET", "/events?limit=500")).body.items;
  await call("DELETE", path);
  await call("GET", path);
  await provider.close();
  exitCode = await usher.stop();
  files = filesOf(dataDir);
}, 180_000);

afterAll(async () => {
  await usher.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test("the search finds what is there: what callers may see stands in answers, events and files", () => {
  expect(exitCode).toBe(0);
  expect(placesOf("Marked", answers).length).toBeGreaterThan(20);
  expect(placesOf("idm_integration_reauth", files).length).toBeGreaterThan(0);
  expect(usher.output()).toContain("Usher is running at");
  const failed = events.filter(({ success }) => success === false).map(({ event_type }) => event_type);
  expect(new Set(failed)).toEqual(
    new Set([
      "idm_integration_activate",
      "idm_integration_update",
      "idm_integration_reauth",
      "user_create_provision",
      "user_update_provision",
      "user_delete_provision",
      "user_lookup_provision",
      "group_create_provision",
      "group_update_provision",
    ]),
  );
});

test("an account that shows the secret is told and kept without it", () => {
  expect(shown).toEqual([
    expect.stringContaining("known-1"),
    expect.stringContaining("id-[redacted]"),
    expect.stringContaining("([redacted], [redacted]2)"),
    "made-[redacted]",
    "[redacted]",
  ]);
});

test.each(Object.entries(secrets))("the %s secret stands in no answer", (_, secret) => {
  expect(placesOf(secret, answers)).toEqual([]);
});

test.each(Object.entries(secrets))("the %s secret stands in no event", (_, secret) => {
  const texts = new Map(events.map((event) => [`${event.event_type} ${event.id}`, JSON.stringify(event)]));
  expect(texts.size).toBeGreaterThan(20);
  expect(placesOf(secret, texts)).toEqual([]);
});

test.each(Object.entries(secrets))(
  "the %s secret stands in nothing that the process wrote to its output",
  (_, secret) => {
    expect(placesOf(secret, new Map([["output", usher.output()]]))).toEqual([]);
  },
);

test.each(Object.entries(secrets))("the %s secret stands in no file of the data folder", (_, secret) => {
  expect(files.size).toBeGreaterThan(2);
  expect(placesOf(secret, files)).toEqual([]);
});

test("no part of a secret long enough to be of use stands anywhere", () => {
  const all = new Map([...answers, ...files, ["output", usher.output()]]);
  for (const secret of Object.values(secrets)) {
    const unique = secret.slice(9);
    expect(placesOf(unique, all)).toEqual([]);
    expect(placesOf(unique.slice(0, 12), all)).toEqual([]);
    expect(placesOf(unique.slice(-12), all)).toEqual([]);
  }
});
