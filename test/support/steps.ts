import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, onTestFinished, vi } from "vitest";
import { type EmbeddedRun, startEmbeddedRun } from "../../infra/local/embedded-run.ts";
import { directoryEventTypes } from "../../shared/model/event.ts";
import type { RecordedRequest, TestProvider } from "../providers/provider.ts";
import { undocumented } from "./documented.ts";
import { leapOverWaits } from "./quick-time.ts";

/** An answer's JSON: the fields that tests read one by one are typed, all others are compared whole. */
export type Body = {
  integrationId: string;
  remoteId: string;
  eventIds: string[];
  items: Body[];
  nextCursor?: string;
  [field: string]: unknown;
};
export type Answer = { status: number; headers: Headers; text: string; body: Body };

/** A running Usher, called over HTTP as any caller would. */
export type Usher = {
  run: EmbeddedRun;
  dataDir: string;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
};

/**
 * One embedded run for all tests of a file, on a data folder of its own. Nobody waits in it (see quick-time.ts). `more`
 * answers further options of the run.
 */
export const useUsher = (more: () => Promise<{ notifyUrl?: string }> = async () => ({})): Usher => {
  leapOverWaits();
  const usher = {} as Usher;
  beforeAll(async () => {
    usher.dataDir = mkdtempSync(join(tmpdir(), "usher-scenario-"));
    usher.run = await startEmbeddedRun({ port: 0, dataDir: usher.dataDir, ...(await more()) });
    usher.call = (method, path, body, headers) => send(usher.run, method, path, body, headers);
  });
  afterAll(async () => {
    await usher.run?.close();
    rmSync(usher.dataDir, { recursive: true, force: true });
  });
  return usher;
};

const send = async (
  { url, token }: EmbeddedRun,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> => {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = {
    status: response.status,
    headers: response.headers,
    text,
    body: text ? JSON.parse(text) : {},
  };
  const surprise = undocumented({ method, path }, answer.status, answer.body.code);
  if (surprise !== undefined) throw new Error(`${surprise}: ${text}`);
  return answer;
};

/** A service provider of this test alone. */
export const givenProvider = async <P extends TestProvider>(start: () => Promise<P>): Promise<P> => {
  const provider = await start();
  onTestFinished(() => provider.close());
  return provider;
};

/** The body of an activation, with the profile that the provider needs. */
export const activation = (provider: TestProvider, fields: object = {}): Record<string, unknown> => ({
  application: { name: "Test application" },
  profile: provider.baseUrl.endsWith("/provisioning/generic/v2") ? "strongdm" : "generic",
  baseUrl: provider.baseUrl,
  credentials: { type: "bearer", clientSecret: provider.token },
  // Tests that are not about it may have several integrations with one provider.
  allowSharedTarget: true,
  ...fields,
});

/** An integration as tests use it; `path` is that of its resource, ready to be extended. */
export type GivenIntegration = { integrationId: string; path: string };

/** An active integration with the provider, which forgets the requests of the activation. */
export const givenIntegration = async (
  usher: Usher,
  provider: TestProvider,
  fields: object = {},
): Promise<GivenIntegration> => {
  const { status, text, body } = await usher.call("POST", "/integrations", activation(provider, fields));
  if (status !== 201) throw new Error(`the activation answered ${status}: ${text}`);
  forget(provider);
  const { integrationId } = body;
  return { integrationId, path: `/integrations/${integrationId}` };
};

let made = 0;
/** Ids are the directory's, which the tests of a file share. */
export const newId = (name = "id"): string => `${name}-${++made}`;

export type Person = { email: string; firstname: string; lastname: string; [field: string]: unknown };
/** A directory user that no other test knows. */
export const aPerson = (fields: object = {}): { userId: string; user: Person } => {
  const userId = newId("user");
  return {
    userId,
    user: { email: `${userId}@example.com`, firstname: "Ada", lastname: `Lovelace ${made}`, ...fields },
  };
};

/** Users that are saved and nothing else; their ids. */
export const givenSaved = async (usher: Usher, count: number, fields: object = {}): Promise<string[]> => {
  const people = Array.from({ length: count }, () => aPerson(fields));
  for (const { userId, user } of people) expectOk(await usher.call("PUT", `/users/${userId}`, user));
  return people.map(({ userId }) => userId);
};

/** A user who is provisioned; the provider then forgets its requests. */
export const givenProvisioned = async (
  usher: Usher,
  provider: TestProvider,
  { path }: GivenIntegration,
  fields: object = {},
): Promise<{ userId: string; user: Person; remoteId: string; path: string }> => {
  const person = aPerson(fields);
  const at = `${path}/users/${person.userId}`;
  const { remoteId } = expectOk(await usher.call("PUT", at, person.user)).body;
  forget(provider);
  return { ...person, remoteId, path: at };
};

/** A bound group with these members, all provisioned; the provider then forgets its requests. */
export const givenGroup = async (
  usher: Usher,
  provider: TestProvider,
  { path }: GivenIntegration,
  members: string[],
): Promise<{ groupId: string; name: string; remoteId: string; path: string }> => {
  const groupId = newId("group");
  const name = `Group ${groupId}`;
  const at = `${path}/groups/${groupId}`;
  const { remoteId } = expectOk(await usher.call("PUT", at, { name, members })).body;
  forget(provider);
  return { groupId, name, remoteId, path: at };
};

/** Lets so much time pass for this process, until the test ends; nobody waits. */
export const passTime = (ms: number): void => {
  const now = Date.now;
  const clock = vi.spyOn(Date, "now").mockImplementation(() => now() + ms);
  onTestFinished(() => clock.mockRestore());
};

/** After so long a 404 counts for a resource of ours that was just created, and an empty list. */
export const replicationMs = 15_000;

/** The answer, if it is a plain 200: for steps that only prepare. */
export const expectOk = (answer: Answer): Answer => {
  if (answer.status !== 200) throw new Error(`a step answered ${answer.status}: ${answer.text}`);
  return answer;
};

/**
 * A first bind of a group that is there and holds `count` people who are no members: held, and then confirmed, so that
 * they are taken out.
 */
export const bindReplacing = async (
  usher: Usher,
  path: string,
  body: object,
  count: number,
): Promise<Answer> => {
  const held = await usher.call("PUT", path, body);
  if (held.status !== 409 || held.body.code !== "deprovisions-held" || held.body.count !== count)
    throw new Error(`the bind answered ${held.status}: ${held.text}`);
  return usher.call("PUT", `${path}?existing=replace&confirm=${count}`, body);
};

export const forget = (provider: TestProvider): void => {
  provider.requests.length = 0;
};

/** `METHOD /path` of each request to the provider, in order. */
export const requestLines = (provider: TestProvider): string[] =>
  provider.requests.map(({ method, path }) => `${method} ${path}`);

export const writes = (provider: TestProvider): RecordedRequest[] =>
  provider.requests.filter(({ method }) => method !== "GET");

/** Which paths a PATCH set and cleared, whatever its style: `title`, `name.familyName`. */
export const patchedPaths = ({ body }: RecordedRequest): string[] => {
  const { Operations } = body as { Operations: { op: string; path?: string; value?: unknown }[] };
  return Operations.flatMap(({ path, value }) =>
    path === undefined ? Object.keys(value as object) : [path],
  ).sort();
};

/** Events of attempts, oldest first. `query` as behind the `?`. */
export const eventsOf = async (usher: Usher, query: string): Promise<Body[]> =>
  (await everyEventOf(usher, query)).filter(({ event_type }) => !ofDirectory.has(event_type));
const ofDirectory = new Set<unknown>(directoryEventTypes);

/** The same with those of the directory's own changes. */
export const everyEventOf = async (usher: Usher, query: string): Promise<Body[]> =>
  expectOk(await usher.call("GET", `/events?order=asc&limit=500&${query}`)).body.items;

/** `type` of a success, `!type` of a failure; oldest first. */
export const eventTypesOf = async (usher: Usher, query: string): Promise<string[]> =>
  (await eventsOf(usher, query)).map(({ success, event_type }) => `${success ? "" : "!"}${event_type}`);

/** The users whom a group event says were added, in order of their ids. */
export const addedIn = (event: Body | undefined): string[] =>
  [...((event?.members_added ?? []) as string[])].sort();

/** What the provider said, and what a reader of the event should know beyond that, as one text. */
export const detailsOf = (event: Body | undefined): string => {
  const { message_details } = (event?.message_chain ?? {}) as { message_details?: string[] };
  return (message_details ?? []).join("\n");
};

/** A SCIM error as a provider words it. */
export const scimError = (status: number, detail: string, headers: Record<string, string> = {}) => ({
  status,
  headers: { "content-type": "application/scim+json", ...headers },
  body: JSON.stringify({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
    detail,
    status: String(status),
  }),
});
