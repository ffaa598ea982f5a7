import { type Asked, type Dialect, type Person, resourceOf, type Team } from "./dialects.ts";

/** An answer as it arrived; undefined where none did. */
export type Got = { status: number; body: { id?: string; Resources?: { id: string }[] } } | undefined;
export type Ask = (asked: Asked) => Promise<Got>;

/**
 * An object with what the other side was told of it, and whether that is all. `unanswered`: ids whose deletion was asked for in vain,
 * and may never be asked for again.
 */
export type Fed<T> = {
  wanted: T | undefined;
  id?: string | undefined;
  told?: T;
  isDirty: boolean;
  unanswered: Set<string>;
};

const isDone = (got: Got): boolean => got !== undefined && got.status >= 200 && got.status < 300;
/** It is not there any more, or never was. */
const isGone = (got: Got): boolean => got?.status === 404;

/**
 * Say what became of a user, as far as that goes: what is not answered by a 2xx is said again next time, as identity providers
 * do. A creation that is refused is looked up.
 */
export const pushUser = async (ask: Ask, dialect: Dialect, user: Fed<Person>): Promise<void> => {
  const { wanted } = user;
  if (!wanted) {
    const got =
      user.id === undefined ? undefined : await ask({ method: "DELETE", path: `/Users/${user.id}` });
    if (user.id !== undefined) user.unanswered[isDone(got) ? "delete" : "add"](user.id);
    if (user.id === undefined || isDone(got) || isGone(got)) forget(user);
    return;
  }
  user.id ??= await findOrCreate(ask, {
    endpoint: "/Users",
    filter: `${dialect.matches} eq "${wanted[dialect.matches]}"`,
    // They may be there under a name of before, as the answer to an earlier creation was lost.
    refused: `externalId eq "${wanted.externalId}"`,
    body: resourceOf(wanted),
  });
  if (user.id === undefined) return;
  note(user, wanted, await ask(dialect.changeUser(user.id, wanted)));
};

/** The same of a group. Members whose ids are not known yet follow. */
export const pushGroup = async (
  ask: Ask,
  dialect: Dialect,
  group: Fed<Team>,
  users: readonly Fed<Person>[],
): Promise<void> => {
  const { wanted } = group;
  if (!wanted) {
    const got =
      group.id === undefined ? undefined : await ask({ method: "DELETE", path: `/Groups/${group.id}` });
    if (group.id === undefined || isDone(got) || isGone(got)) forget(group);
    return;
  }
  const { displayName } = wanted;
  group.id ??= await findOrCreate(ask, {
    endpoint: "/Groups",
    filter: `displayName eq "${displayName}"`,
    refused: `displayName eq "${displayName}"`,
    body: { schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], displayName },
  });
  const { id } = group;
  if (id === undefined) return;
  const idsOf = (numbers: readonly number[]) =>
    numbers.flatMap((at) => (users[at]?.wanted && users[at].id !== undefined ? [users[at].id] : []));
  const all = idsOf(wanted.members);
  const others = idsOf(users.map((_, at) => at)).filter((one) => !all.includes(one));
  const requests = dialect.changeMembers(id, { add: all, remove: others, all });
  let got: Got = { status: 204, body: {} };
  for (const asked of requests) if (isDone(got)) got = await ask(asked);
  note(group, wanted, got);
  if (all.length < wanted.members.length) group.isDirty = true;
};

const findOrCreate = async (
  ask: Ask,
  { endpoint, filter, refused, body }: { endpoint: string; filter: string; refused: string; body: object },
): Promise<string | undefined> => {
  const find = async (by: string) =>
    (await ask({ method: "GET", path: `${endpoint}?filter=${encodeURIComponent(by)}` }))?.body.Resources?.[0]
      ?.id;
  const found = await find(filter);
  if (found !== undefined) return found;
  const made = await ask({ method: "POST", path: endpoint, body });
  return isDone(made) ? made?.body.id : made?.status === 409 ? find(refused) : undefined;
};

const forget = <T>(fed: Fed<T>): void => {
  delete fed.id;
  delete fed.told;
  fed.isDirty = false;
};

const note = <T>(fed: Fed<T>, wanted: T, got: Got): void => {
  if (isGone(got)) delete fed.id;
  fed.isDirty = !isDone(got);
  if (isDone(got)) fed.told = wanted;
};
