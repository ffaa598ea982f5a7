import { isDeepStrictEqual } from "node:util";
import type { DirectoryInsightsEvent } from "../../shared/model/event.ts";
import type { TestProvider } from "../providers/provider.ts";
import { type Answer, eventsOf, type Usher } from "../support/steps.ts";
import { learnNames } from "./check-world.ts";
import { effectsOfRequests, type Names, unexplained, userOf } from "./explain.ts";

/** One call that meets a fault: users and groups of its own, in an integration that many share. */
export type FaultWorld = {
  usher: Usher;
  provider: TestProvider;
  integrationId: string;
  /** An id that no other call uses. */
  id(name: string): string;
  /** Path of the integration's resource. */
  at(path: string): string;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
};

/** Accounts by name with `active`, and the group's name and members; absent where there is to be none. */
export type Holds = { users: Record<string, boolean>; group?: { name: string; members: string[] } };

/** A call, what comes before it, and what the provider is to hold after it, by the names in this call. */
export type FaultScenario = {
  prepare?(world: FaultWorld): Promise<void>;
  call(world: FaultWorld): Promise<Answer>;
  holds: Holds;
  /** Who is there to leave in the end. */
  leavers: string[];
};

const shown = async ({ provider, id }: FaultWorld, names: string[]) => {
  const userIds = new Map(names.map((name) => [id(name), name]));
  const all = await provider.users();
  const nameOf = new Map(all.map((user) => [user.id, userIds.get(userOf(user.userName))]));
  const users = all.flatMap(({ id: remoteId, active }) => {
    const name = nameOf.get(remoteId);
    return name === undefined ? [] : [[name, active] as const];
  });
  const groups = (await provider.groups())
    .filter(({ displayName }) => displayName.endsWith(id("")))
    .map(({ displayName, members }) => ({
      name: displayName.slice(0, -id("").length),
      members: members.map((member) => nameOf.get(member) ?? "?").sort(),
    }));
  return { users: users.sort(), groups };
};

const settled = /^(in_sync|deprovisioned|deleted)$/;

/** What is wrong once the call has come through that began at `from` (RFC 3339). */
export const wrongAfterCall = async (
  world: FaultWorld,
  { holds }: FaultScenario,
  from: string,
  names: Names,
): Promise<string[]> => {
  const { usher, provider, at, id } = world;
  const users = Object.keys(holds.users);
  const is = await shown(world, [...users, "ada", "bob"]);
  const shall = { users: Object.entries(holds.users).sort(), groups: holds.group ? [holds.group] : [] };
  const problems = isDeepStrictEqual(is, shall) ? [] : [`the provider holds ${JSON.stringify(is)}`];

  const paths = [
    ...users.map((name) => at(`/users/${id(name)}`)),
    ...(holds.group ? [at(`/groups/${id("Admins")}`)] : []),
  ];
  for (const path of paths) {
    const { body, status } = await usher.call("GET", path);
    if (status !== 200 || !settled.test(String(body.state))) problems.push(`${path} is ${body.state}`);
    if (body.state === "in_sync" && !body.remoteId) problems.push(`${path} has no remoteId`);
  }
  return [...problems, ...(await wrongEvents(world, from, names)), ...twice(provider, names)];
};

const twice = (provider: TestProvider, names: Names): string[] => {
  const made = effectsOfRequests(provider.requests, names).filter((effect) => effect.startsWith("create"));
  return made.filter((effect, at) => made.indexOf(effect) !== at).map((effect) => `twice: ${effect}`);
};

/** Requests and events do not tell the same. */
const wrongEvents = async (
  { usher, provider, integrationId }: FaultWorld,
  from: string,
  names: Names,
): Promise<string[]> => {
  await learnNames(names, provider);
  const found = await eventsOf(usher, `integrationId=${integrationId}&from=${from}`);
  const events = found as unknown as DirectoryInsightsEvent[];
  return [
    ...unexplained(provider.requests, events, names),
    ...events
      .filter(({ success, message_chain: said }) => !success && said?.response_code === 201)
      .map(({ event_type }) => `${event_type} failed, and was answered 201`),
  ];
};

/** What is wrong after those whom the call has left there have left the directory. */
export const wrongAfterLeaving = async (world: FaultWorld, { leavers }: FaultScenario): Promise<string[]> => {
  const problems: string[] = [];
  for (const name of leavers) {
    const { status, text } = await world.call("DELETE", `/users/${world.id(name)}`);
    if (status !== 200) problems.push(`leaving: ${status} ${text}`);
  }
  const { users } = await shown(world, leavers);
  return [...problems, ...users.filter(([, active]) => active).map(([name]) => `${name} is open for good`)];
};

/** Fine, or the word that the store did not do its part. */
export const wrongAnswer = ({ status, text, body }: Answer): string[] =>
  status < 300 || ["store-unavailable", "audit-unavailable"].includes(String(body.code))
    ? []
    : [`the call: ${status} ${text}`];

/** The same call until it comes through; recovery helps once. */
export const again = async ({ run }: Usher, call: () => Promise<Answer>): Promise<string[]> => {
  if ((await call()).status < 300) return [];
  await run.recover();
  const { status, text } = await call();
  return status < 300 ? [] : [`the call again: ${status} ${text}`];
};
