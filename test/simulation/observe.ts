import type { DirectoryUserInput } from "../../shared/model/directory.ts";
import type { Failure } from "../../shared/model/failure.ts";
import { type Model, type ModelGroup, type ModelUser, partsOf, type Step } from "./model.ts";
import type { Came } from "./perform.ts";
import type { World } from "./world.ts";

/** Refused before anything was saved. */
const refusals = [
  "not-found",
  "unknown-members",
  "groups-disabled",
  "integration-needs-reauth",
  "deprovisions-held",
  "precondition-failed",
  "reauth-test-failed",
  "different-tenant",
];
/** The wish was saved; what came after failed and is on record. */
const recorded = ["provider-rejected", "provider-malformed", "provider-unavailable", "account-claimed"];

/** Others were at it, or a store did not answer, before the wish was saved or after. */
const unsure = ["attempt-in-progress", "store-unavailable", "audit-unavailable"];

/** Whether the step's wish was saved. */
export type Taken = "yes" | "no" | "maybe";

export const takenOf = ({ failure, died }: Came): Taken | { unexpected: Failure } => {
  if (died) return "maybe";
  if (!failure) return "yes";
  if (refusals.includes(failure.code)) return "no";
  if (recorded.includes(failure.code)) return "yes";
  return unsure.includes(failure.code) ? "maybe" : { unexpected: failure };
};

/**
 * Every model that these steps, made at the same time, may have led to: their writes in any order that keeps each one's
 * own.
 */
export const outcomesOf = (model: Model, steps: { step: Step; taken: Taken }[]): Model[] => {
  const choices = steps.map(({ step, taken }): Write[][] => {
    const parts = partsOf(step);
    if (taken === "yes") return [parts];
    if (taken === "no") return [[]];
    return [...parts.keys(), parts.length].map((count) => parts.slice(0, count));
  });
  const chosen = choices.reduce<Write[][][]>(
    (known, ways) => known.flatMap((before) => ways.map((way) => [...before, way])),
    [[]],
  );
  return chosen
    .flatMap((sequences) =>
      sequences.reduce<Write[][]>((mixed, next) => mixed.flatMap((one) => mix(one, next)), [[]]),
    )
    .map((writes) => writes.reduce((now, write) => write(now), model));
};

type Write = (model: Model) => Model;

const mix = (one: Write[], other: Write[]): Write[][] => {
  const [first, ...rest] = one;
  const [second, ...remaining] = other;
  if (!first) return [other];
  if (!second) return [one];
  return [
    ...mix(rest, other).map((tail) => [first, ...tail]),
    ...mix(one, remaining).map((tail) => [second, ...tail]),
  ];
};

/** The directory and the assignments as they are, in the model's form. */
export const observe = async (world: World, { users, groups, ...fixed }: Model): Promise<Model> => ({
  ...fixed,
  users: await Promise.all(users.map((_, at) => observeUser(world, at))),
  groups: await Promise.all(groups.map((_, at) => observeGroup(world, at, users.length))),
});

const observeUser = async (world: World, at: number): Promise<ModelUser> => {
  const { look: ports } = world;
  const key = { integrationId: world.integrationId, id: world.userId(at) };
  const [saved, link] = await Promise.all([ports.users.read(key.id), ports.userLinks.read(key)]);
  const { direct = false, left, removal } = link?.assignment ?? {};
  const excluded = link?.assignment.excluded === true && !left;
  return {
    ...(saved && !saved.deleted && { body: saved.user as DirectoryUserInput }),
    ...(saved?.lock && { locked: true as const }),
    direct,
    excluded,
    ...(excluded && removal && { removal }),
    isLinked: link !== undefined,
  };
};

const observeGroup = async (world: World, at: number, userCount: number): Promise<ModelGroup> => {
  const { look: ports } = world;
  const key = { integrationId: world.integrationId, id: world.groupId(at) };
  const [saved, link] = await Promise.all([ports.groups.read(key.id), ports.groupLinks.read(key)]);
  const ids = Array.from({ length: userCount }, (_, user) => world.userId(user));
  const there = saved ? await ports.groups.membersAmong(key.id, saved.version, ids) : new Set<string>();
  return {
    ...(saved && { name: saved.name }),
    members: ids.flatMap((id, user) => (there.has(id) ? [user] : [])),
    bound: link?.assignment.bound === true,
    isDeleted: link?.assignment.bound === false && link.assignment.removal === "delete",
    isLinked: link !== undefined,
  };
};

/**
 * What of two models differs, in words. The order of members does not count, nor do those who left the directory: of
 * one whom the integration did not hold by then, another call of the round may have made a link. Nobody is looked for in
 * groups that no integration holds.
 */
export const differencesOf = (wanted: Model, seen: Model): string[] => {
  const words = (model: Model): string[] => [
    ...model.users.map(({ isLinked: _, ...user }, at) => {
      const wasHeld = wanted.users[at]?.isLinked || user.body;
      return `user ${at} ${inWords(wasHeld ? user : {})}`;
    }),
    ...model.groups.map(({ isLinked: _, ...group }, at) => {
      const isHeld = wanted.groups[at]?.bound;
      const members = group.members.filter((member) => model.users[member]?.body).toSorted();
      return `group ${at} ${inWords({ ...group, members: isHeld ? members : [] })}`;
    }),
  ];
  const others = words(seen);
  return words(wanted).flatMap((one, at) =>
    one === others[at] ? [] : [`was to be: ${one}, and is: ${others[at]}`],
  );
};

/** The same object in the same words, whatever the order of its keys. */
const inWords = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
