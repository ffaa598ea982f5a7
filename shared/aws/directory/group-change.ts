import { createHash } from "node:crypto";
import { chunksOf } from "../../common/chunks.ts";
import { concurrently } from "../../common/concurrently.ts";
import type { SavedGroup } from "../../model/directory.ts";
import { type Trace, traceOf } from "../../model/directory-change.ts";
import { Failure } from "../../model/failure.ts";
import type { GroupChange } from "../../provisioning/ports/directory-store.ts";
import { changeMarkDays } from "../../provisioning/ports/directory-store.ts";
import { changeKey, groupKey, memberKey, membershipKey } from "../table/keys.ts";
import type { StateTable } from "../table/state-table.ts";
import { type GroupHold, overtaken, unmoved } from "./group-lease.ts";
import { clearVoided, expireLeavers, type GroupChangeTools, writesAtOnce } from "./group-upkeep.ts";
import { type GroupItem, type MemberItem, membershipAt } from "./member-item.ts";

const membersBetweenRenewals = 500;

/**
 * Carry out one change. The group is held by a lease and given a version; members and marks are written under that
 * version, which no reader counts yet; one conditional write of the group's item then makes it count. Whatever
 * happens before that write, the group stays as it was. Throws as `GroupStore.change`.
 */
export const changeGroup = async (
  tools: GroupChangeTools,
  groupId: string,
  base: number,
  change: GroupChange & { id: string },
): Promise<SavedGroup> => {
  const { table, lease } = tools;
  const { id, name } = change;
  const updatedAt = new Date(tools.now()).toISOString();
  const wanted = new Map([
    ...change.remove.map((userId) => [userId, false] as const),
    ...change.add.map((userId) => [userId, true] as const),
  ]);
  if (wanted.size === 0) {
    const renamed = await renameGroup(tools, groupId, base, { id, name, updatedAt, trace: traceOf(change) });
    if (renamed) return renamed;
  }

  let hold = await lease.take(groupId, base, { id, digest: digestOf(change), trace: traceOf(change) });
  const trace = { ...hold.trace, ...recentOf(change, hold) };
  const members: Members = { added: [], removed: [] };
  try {
    const voided = await clearVoided(tools, hold);
    for (const some of chunksOf([...wanted], membersBetweenRenewals)) {
      hold = await lease.renew(hold);
      const changed = await writeMembers(
        tools,
        hold,
        { wanted: new Map(some), until: change.until },
        updatedAt,
      );
      members.added.push(...changed.added);
      members.removed.push(...changed.removed);
    }
    const values = { id, version: hold.version, name, updatedAt, voided, ...trace };
    const set =
      "#version = :version, #name = :name, #updatedAt = :updatedAt, #voided = :voided, #lastChange = :id";
    const when = "#changing.#id = :id";
    const saved =
      (await table.update<GroupItem>(groupKey(groupId), `SET ${set}${setTrace(trace)} REMOVE #changing`, {
        when,
        values,
      })) ?? (await ifMine(table, groupId, id));
    if (!saved) throw overtaken();
  } catch (error) {
    // Best effort: where this fails too, the lease runs out. The same change goes on from here.
    await lease.release(hold).catch(() => {});
    throw error;
  }
  await expireLeavers(tools, groupId, hold.version, change.remove);
  return { groupId, name, version: hold.version, updatedAt, ...withMembers(trace, members) };
};

/** A change of the name alone is one write. Undefined where the group is held, or not at `base`. */
const renameGroup = async (
  { table }: GroupChangeTools,
  groupId: string,
  base: number,
  { id, name, updatedAt, trace }: { id: string; name: string; updatedAt: string; trace: Trace },
): Promise<SavedGroup | undefined> => {
  const next = "if_not_exists(#highest, :none) + :one";
  const set = `#version = ${next}, #highest = ${next}, #groupId = :groupId, #name = :name, #updatedAt = :updatedAt`;
  const item =
    (await table.update<GroupItem>(groupKey(groupId), `SET ${set}, #lastChange = :id${setTrace(trace)}`, {
      when: `${unmoved(base)} AND attribute_not_exists(#changing)`,
      values: { base, none: 0, one: 1, groupId, name, updatedAt, id, ...trace },
    })) ?? (await ifMine(table, groupId, id));
  const members = { added: [], removed: [] };
  return item && { groupId, name, version: item.version, updatedAt, ...withMembers(trace, members) };
};

/** The same for the same change, also of another caller. */
const digestOf = ({ name, add, remove }: GroupChange): string =>
  createHash("sha256")
    .update(JSON.stringify([name, add.toSorted(), remove.toSorted()]))
    .digest("base64url");

const outOfTime = (groupId: string): Failure =>
  new Failure(
    "store-unavailable",
    `Saving the change of group ${groupId} takes longer than one call. Nothing of it counts yet, and what is written is kept: the same call again goes on from there.`,
    { retryAfterSeconds: 1 },
  );

const setTrace = (trace: Trace): string =>
  Object.keys(trace)
    .map((name) => `, #${name} = :${name}`)
    .join("");

/** The times of the latest changes, of which this one counts from when it was begun. */
const recentOf = ({ recent }: GroupChange, { base, trace: { asked } }: GroupHold): Pick<Trace, "recent"> => {
  if (!recent || !asked) return recent ? { recent } : {};
  return { recent: [...recent.slice(0, -1), { after: base, at: Date.parse(asked.at) }] };
};

type Members = { added: string[]; removed: string[] };

/** As it is answered: who joined and left is too much to be kept with the group, which tells it by its versions. */
const withMembers = (trace: Trace, members: Members): Trace =>
  trace.unrecorded ? { ...trace, unrecorded: { ...trace.unrecorded, members } } : trace;

/**
 * After a lost reply the SDK repeats the write, and the repetition is refused: the item tells whether the write was
 * applied.
 */
const ifMine = async (table: StateTable, groupId: string, id: string): Promise<GroupItem | undefined> => {
  const item = await table.get<GroupItem>(groupKey(groupId));
  return item?.lastChange === id ? item : undefined;
};

/** Answers who was no member before and is to be one, and the reverse, whoever wrote that. */
const writeMembers = async (
  { table, batches, now }: GroupChangeTools,
  { groupId, version, base, voided }: GroupHold,
  {
    wanted,
    until = Number.POSITIVE_INFINITY,
  }: { wanted: Map<string, boolean>; until: GroupChange["until"] | undefined },
  since: string,
): Promise<Members> => {
  const keys = [...wanted.keys()].map((userId) => memberKey(groupId, userId));
  const items = new Map((await batches.get<MemberItem>(keys)).map((item) => [item.userId, item]));
  const changes = [...wanted].flatMap(([userId, present]): MemberItem[] => {
    const item = items.get(userId);
    // Written by a holder before this one, after its mark.
    if (item?.version === version && item.present === present) return [];
    const before = membershipAt(item, base, voided);
    const previous = {
      previousPresent: before.member,
      ...(before.since === undefined ? {} : { previousSince: before.since }),
    };
    return before.member === present ? [] : [{ userId, version, present, since, ...previous }];
  });
  // A group that is being made needs no such marks, since no reader has seen an earlier version.
  // Marks are kept a day longer than promised, since a version may take effect a while after its marks were written.
  const expiresAt = Math.floor(now() / 1000) + (changeMarkDays + 1) * 86_400;
  const put = changes.map(({ userId }) => ({ ...changeKey(groupId, version, userId), userId, expiresAt }));
  const joined = changes
    .filter(({ present }) => present)
    .map(({ userId }) => ({ ...membershipKey(userId, groupId), groupId, version }));
  await batches.write({ put: base > 0 ? [...put, ...joined] : joined });
  await concurrently(changes, writesAtOnce, async (item) => {
    if (now() >= until) throw outOfTime(groupId);
    // The item of a later change is never overwritten: only a holder that lost its lease long ago could try.
    const when = "attribute_not_exists(#version) OR #version <= :version";
    if (!(await table.put(memberKey(groupId, item.userId), item, { when, values: { version } })))
      throw overtaken();
  });
  const differing = [...wanted].filter(
    ([userId, present]) => membershipAt(items.get(userId), base, voided).member !== present,
  );
  const idsOf = (wantedPresence: boolean) =>
    differing.filter(([, present]) => present === wantedPresence).map(([userId]) => userId);
  return { added: idsOf(true), removed: idsOf(false) };
};
