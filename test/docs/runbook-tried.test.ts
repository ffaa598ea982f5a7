import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type StartedUsher, startUsher } from "../local/start-process.ts";
import { startFailingFront } from "./failing-front.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const [usherFunction = ""] = /^usher\(\) .+$/m.exec(read("README.md")) ?? [];
const runbook = read("docs/runbook.md");
const blocksOf = (heading: string): string[] => {
  const [, section = ""] = new RegExp(`^### ${heading}\n([\\s\\S]*?)^##`, "m").exec(runbook) ?? [];
  return [...section.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, code = ""]) => code);
};

type Front = Awaited<ReturnType<typeof startFailingFront>>;
type Json = Record<string, unknown>;
let cwd: string;
let usher: StartedUsher;
let front: Front;
const env: Record<string, string> = {};

/** Pasted into a shell with the function `usher`; each line that it prints is the answer of one call. */
const paste = async (script = ""): Promise<Json[]> => {
  const { stdout } = await promisify(execFile)("bash", ["-ec", `${usherFunction}\n${script}`], {
    cwd,
    env: { ...process.env, ...env },
  });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line || "{}"));
};
const call = async (method: string, path: string, body?: object): Promise<Json> => {
  const answer = await fetch(env.USHER + path, {
    method,
    headers: { Authorization: `Bearer ${env.TOKEN}`, "Content-Type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  return answer.json() as Promise<Json>;
};
/** Pasted until it shows that, as somebody would who waits for it. */
const pasteUntil = (script: string | undefined, wanted: object[]) =>
  vi.waitFor(async () => expect(await paste(script)).toMatchObject(wanted), {
    timeout: 20_000,
    interval: 500,
  });

const ofUsers = (...numbers: number[]) => numbers.map((number) => `u${number}`);

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), "usher-runbook-"));
  usher = await startUsher({ words: ["--sandbox"], cwd });
  front = await startFailingFront(usher.urlAt("try it with is running at"));
  const token = (name: string) => readFileSync(join(cwd, ".usher-sandbox", name), "utf8").trim();
  Object.assign(env, {
    USHER: usher.urlAt("running at"),
    TOKEN: token("token"),
    NEW_TOKEN: token("provider/token"),
  });
  const credentials = { type: "bearer", clientSecret: env.NEW_TOKEN };
  const application = { name: "Sandbox" };
  const { integrationId } = await call("POST", "/integrations", {
    application,
    baseUrl: front.baseUrl,
    credentials,
  });
  env.ID = String(integrationId);
  for (const userId of ofUsers(1, 2, 3, 4, 5, 6, 7))
    await call("PUT", `/integrations/${env.ID}/users/${userId}`, {
      email: `${userId}@example.com`,
      firstname: "Ada",
      lastname: "Osei",
      jobTitle: "Analyst",
    });
}, 30_000);

afterAll(async () => {
  await front?.close();
  await usher?.end();
  rmSync(cwd, { recursive: true, force: true });
});

test("access-open: the list names who and what was refused, and a retry closes the account", async () => {
  const [list, retry] = blocksOf("access-open");
  front.go("refuse");
  await call("DELETE", "/users/u1");
  await pasteUntil(list, [{ items: [{ kind: "access-open", userId: "u1" }] }]);
  const [listed] = await paste(list);
  expect(JSON.stringify(listed)).toContain("answered 403");
  front.go("pass");
  expect(await paste(retry)).toEqual([{ due: 1 }]);
  await pasteUntil(list, [{ items: [] }]);
}, 60_000);

test("needs-reauth: the test says what is refused, and reauth lets it go on", async () => {
  const [check, prompt, reauth, look] = blocksOf("needs-reauth");
  expect(prompt).toBe("read -rs NEW_TOKEN\n");
  front.go(401);
  await call("PATCH", "/users/u2", { jobTitle: "Lead" });
  await pasteUntil("usher GET '/integrations?status=needs_reauth'", [{ items: [{ integrationId: env.ID }] }]);
  const [tested] = await paste(check);
  expect(tested).toMatchObject({ ok: false });
  expect(tested?.checks).toContainEqual(expect.objectContaining({ name: "credentials", ok: false }));
  expect(await paste(reauth)).toMatchObject([{ status: 422, code: "reauth-test-failed" }]);
  front.go("pass");
  expect(await paste(reauth)).toMatchObject([{ status: "active" }]);
  await pasteUntil(look, [{ status: "active", provisioning: { users: { pending: 0 } } }]);
}, 60_000);

test("failed: the list says why, and a retry carries it out", async () => {
  const [list, retry] = blocksOf("failed");
  front.go("refuse");
  await call("PATCH", "/users/u2", { jobTitle: "Head" });
  await pasteUntil(list, [{ items: [{ kind: "failed", userId: "u2" }] }]);
  front.go("pass");
  expect(await paste(retry)).toEqual([{ due: 1 }]);
  await pasteUntil(list, [{ items: [] }]);
}, 60_000);

test("unconfirmed: the status shows what was sent and what is seen, and a retry carries it out", async () => {
  const [list, look, retry, repair] = blocksOf("unconfirmed");
  front.go("ignore");
  await call("PATCH", "/users/u3", { jobTitle: "Lead" });
  await pasteUntil(list, [{ items: [{ kind: "unconfirmed", userId: "u3" }] }]);
  env.USERID = "u3";
  expect(await paste(look)).toMatchObject([{ expected: { title: "Lead" }, seen: { title: "Analyst" } }]);
  front.go("pass");
  expect(await paste(retry)).toEqual([{ due: 1 }]);
  await pasteUntil(list, [{ items: [] }]);
  // Somebody changes it there by hand.
  const { remoteId } = await call("GET", `/integrations/${env.ID}/users/u3`);
  await fetch(`${front.baseUrl}/Users/${remoteId}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${env.NEW_TOKEN}`, "content-type": "application/scim+json" },
    body: JSON.stringify({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      Operations: [{ op: "replace", path: "title", value: "Changed by hand" }],
    }),
  });
  expect(await paste(repair)).toMatchObject([
    { state: "in_sync", findings: [{ finding: "changed", seen: "Changed by hand", state: "repaired" }] },
  ]);
}, 60_000);

test("held: a hold is read, and decided with its own count alone", async () => {
  const [list, look, decide = ""] = blocksOf("held");
  await call("PATCH", `/integrations/${env.ID}`, { policies: { guard: { users: 0, percent: 0, most: 0 } } });
  for (const userId of ofUsers(4, 5)) await call("DELETE", `/users/${userId}`);
  const [{ items: [hold] = [] } = {}] = (await paste(list)) as { items?: Json[] }[];
  expect(hold).toMatchObject({ state: "open", count: 2, cause: {} });
  env.HOLD = String(hold?.holdId);
  expect(await paste(look)).toMatchObject([{ items: [{ userId: "u4" }, { userId: "u5" }] }]);
  expect(await paste(decide)).toMatchObject([
    { code: "deprovisions-held", count: 2 },
    { code: "deprovisions-held", count: 2 },
  ]);
  const [approve = ""] = decide.replaceAll("12", "2").split("\n");
  expect(await paste(approve)).toMatchObject([{ holdId: env.HOLD }]);
  await pasteUntil(list, [{ items: [] }]);
}, 60_000);

test("credentials-expiring: the end is shown", async () => {
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const credentials = { type: "bearer", clientSecret: env.NEW_TOKEN, expiresAt };
  await call("PATCH", `/integrations/${env.ID}`, { credentials });
  await pasteUntil("usher GET /attention", [{ items: [{ kind: "credentials-expiring" }] }]);
  const [look] = blocksOf("credentials-expiring");
  expect(await paste(look)).toMatchObject([{ credentials: { expiresAt } }]);
  await paste(blocksOf("needs-reauth")[2]);
  await pasteUntil("usher GET /attention", [{ items: [] }]);
}, 60_000);

test("quarantined: the reason and the next try are shown", async () => {
  const [look = ""] = blocksOf("quarantined");
  front.go(503);
  // Twenty failures of at least five objects.
  for (const userId of ofUsers(11, 12, 13, 14, 15, 16))
    await call("PUT", `/users/${userId}`, {
      email: `${userId}@example.com`,
      firstname: "Ada",
      lastname: "Osei",
    });
  for (let round = 0; round < 4; round += 1)
    await Promise.all(
      ofUsers(11, 12, 13, 14, 15, 16).map((userId) => call("PUT", `/integrations/${env.ID}/users/${userId}`)),
    );
  const [shown, tested] = await paste(look);
  expect(shown).toMatchObject({
    status: "quarantined",
    provisioning: { quarantine: { reason: expect.stringContaining("503"), nextProbeAt: expect.any(String) } },
  });
  expect(tested).toMatchObject({ ok: false });
}, 60_000);

describe("identity providers", () => {
  const scim = (path: string, token: string, body?: object) =>
    fetch(`${env.SCIM}${path}`, {
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/scim+json" },
      ...(body && { method: "POST", body: JSON.stringify(body) }),
    });
  let token: string;
  beforeAll(async () => {
    const source = await call("POST", "/sources", { name: "Okta", kind: "okta" });
    Object.assign(env, { SOURCE: source.sourceId, SCIM: source.scimBaseUrl });
    token = String(source.token);
  });

  test("one that reports errors: the source has the words that it was told, and who has the name", async () => {
    const body = { userName: "noor@example.com", name: { familyName: "Osei" } };
    await call("PATCH", `/sources/${env.SOURCE}`, { linkByEmail: "never" });
    await call("PUT", "/users/noor", { email: "noor@example.com", firstname: "Noor", lastname: "Osei" });
    expect((await scim("/Users", token, body)).status).toBe(409);
    const [look] = blocksOf("An identity provider reports errors");
    const [shown, conflicts] = await paste(look);
    expect(shown).toMatchObject({
      lastError: { status: 409, scimType: "uniqueness", correlationId: expect.any(String) },
    });
    expect(conflicts).toMatchObject({ items: [{ reason: "not-linked", userIds: ["noor"] }] });
    expect(runbook).toContain('`curl -sS "$SCIM/ServiceProviderConfig"`');
    expect(await paste('curl -sS "$SCIM/ServiceProviderConfig"')).toMatchObject([{}]);
  });

  test("a token that leaked opens nothing from its end on, another does, and the audit has what was done", async () => {
    const [end = "", audit = ""] = blocksOf("A token of a source has leaked");
    const { tokens } = (await call("GET", `/sources/${env.SOURCE}`)) as { tokens: Json[] };
    const [, , made] = await paste(end.replace("TOKENID", String(tokens[0]?.tokenId)));
    expect((await scim("/Users?count=0", token)).status).toBe(401);
    expect((await scim("/Users?count=0", String(made?.token))).status).toBe(200);
    const body = { userName: "intruder@example.com", name: { familyName: "Osei" } };
    expect((await scim("/Users", String(made?.token), body)).status).toBe(201);
    expect(await paste(audit)).toMatchObject([
      { items: [{ event_type: "user_create", client_ip: "127.0.0.1" }] },
    ]);
  });
});
