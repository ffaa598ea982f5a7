import { createHash } from "node:crypto";
import { chunksOf } from "../../common/chunks.ts";
import { concurrently } from "../../common/concurrently.ts";
import type { SavedGroup } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { GroupChange } from "../../provisioning/ports/directory-store.ts";
import { changeMarkDays } from "../../provisioning/ports/directory-store.ts";
import { setAll } from "../table/expressions.ts";
import { changedKey, changeKey, groupKey, groupListing, memberKey, membershipKey } from "../table/keys.ts";
import type { StateTable } from "../table/state-table.ts";
import { effectOf } from "./group-effect.ts";
import { type GroupHold, overtaken, unmoved } from "./group-lease.ts";
import { clearVoided, expireLeavers, type GroupChangeTools, writesAtOnce } from "./group-upkeep.ts";
import { everybody, type GroupItem, type MemberItem, membershipAt, toSavedGroup } from "./member-item.ts";

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
  const { table, batches, lease } = tools;
  const { id, name, ends, changed } = change;
  const updatedAt = new Date(tools.now()).toISOString();
  const wanted = new Map([
    ...change.remove.map((userId) => [userId, false] as const),
    ...change.add.map((userId) => [userId, true] as const),
  ]);
  if (wanted.size === 0 && !ends) {
    const renamed = await renameGroup(tools, groupId, base, { ...change, updatedAt });
    if (renamed) return renamed;
  }

  let hold = await lease.take(groupId, base, { id, digest: digestOf(change), asked: change.asked });
  const { asked, version, memberCount } = hold;
  let saved: SavedGroup | undefined;
  try {
    const voided = await clearVoided(tools, hold);
    let grown = 0;
    for (const members of chunksOf([...wanted], membersBetweenRenewals)) {
      hold = await lease.renew(hold);
      grown += await writeMembers(tools, hold, { wanted: new Map(members), until: change.until }, updatedAt);
    }
    if (ends) await batches.write({ put: [markOf(tools, hold, everybody)] });
    const counted = memberCount !== undefined && { memberCount: memberCount + grown };
    const fields = {
      version,
      name,
      updatedAt,
      voided,
      lastChange: id,
      ...(asked && { asked }),
      ...counted,
      ...markedBy(groupId, changed),
    };
    const effect = effectOf(groupId, fields, ends);
    const when = "#changing.#id = :lastChange";
    const { values } = effect;
    const item = await table.update<GroupItem>(groupKey(groupId), effect.change, { when, values });
    saved = item ? toSavedGroup(item) : await ifMine(table, groupId, id);
    if (!saved) throw overtaken();
  } catch (error) {
    // Best effort: where this fails too, the lease runs out. The same change goes on from here.
    await lease.release(hold).catch(() => {});
    throw error;
  }
  await expireLeavers(tools, groupId, version, change.remove);
  return saved;
};

/** A change of the name alone is one write. Undefined where the group is held, or not at `base`. */
const renameGroup = async (
  { table }: GroupChangeTools,
  groupId: string,
  base: number,
  { id, name, updatedAt, asked, changed }: GroupChange & { id: string; updatedAt: string },
): Promise<SavedGroup | undefined> => {
  const next = "if_not_exists(#highest, :none) + :one";
  const fields = {
    ...{ groupId, name, updatedAt, lastChange: id, ...groupListing(groupId), ...(asked && { asked }) },
    ...markedBy(groupId, changed),
    ...(base === 0 && { memberCount: 0 }),
  };
  const change = `${setAll(fields)}, #version = ${next}, #highest = ${next} REMOVE #deleted`;
  const renamed = await table.update<GroupItem>(groupKey(groupId), change, {
    when: `${unmoved(base)} AND attribute_not_exists(#changing)`,
    values: { ...fields, base, none: 0, one: 1 },
  });
  return renamed ? toSavedGroup(renamed) : ifMine(table, groupId, id);
};

/** The same for the same change, also of another caller. */
const digestOf = ({ name, add, remove, ends }: GroupChange): string =>
  createHash("sha256")
    .update(JSON.stringify([name, add.toSorted(), remove.toSorted(), ...(ends ? ["ends"] : [])]))
    .digest("base64url");

const outOfTime = (groupId: string): Failure =>
  new Failure(
    "store-unavailable",
    `Saving the change of group ${groupId} takes longer than one call. Nothing of it counts yet, and what is written is kept: the same call again goes on from there.`,
    { retryAfterSeconds: 1 },
  );

const markedBy = (groupId: string, changed: GroupChange["changed"]) =>
  changed && { changed, ...changedKey(changed, groupKey(groupId).pk) };

/**
 * After a lost reply the SDK repeats the write, and the repetition is refused: the item tells whether the write was
 * applied.
 */
const ifMine = async (table: StateTable, groupId: string, id: string): Promise<SavedGroup | undefined> => {
  const item = await table.get<GroupItem>(groupKey(groupId));
  return item?.lastChange === id ? toSavedGroup(item) : undefined;
};

/** Kept a day longer than promised, since a version may take effect a while after its marks were written. */
const markOf = ({ now }: GroupChangeTools, { groupId, version }: GroupHold, userId: string) => ({
  ...changeKey(groupId, version, userId),
  userId,
  expiresAt: Math.floor(now() / 1000) + (changeMarkDays + 1) * 86_400,
});

/** @returns by how many members the group grows */
const writeMembers = async (
  tools: GroupChangeTools,
  hold: GroupHold,
  {
    wanted,
    until = Number.POSITIVE_INFINITY,
  }: { wanted: Map<string, boolean>; until: GroupChange["until"] | undefined },
  since: string,
): Promise<number> => {
  const { table, batches, now } = tools;
  const { groupId, version, base, history } = hold;
  const keys = [...wanted.keys()].map((userId) => memberKey(groupId, userId));
  const items = new Map((await batches.get<MemberItem>(keys)).map((item) => [item.userId, item]));
  let grown = 0;
  const changes = [...wanted].flatMap(([userId, present]): MemberItem[] => {
    const item = items.get(userId);
    const before = membershipAt(item, base, history);
    if (before.member !== present) grown += present ? 1 : -1;
    // Written by a holder before this one, after its mark.
    if (item?.version === version && item.present === present) return [];
    const previous = {
      previousPresent: before.member,
      ...(before.since === undefined ? {} : { previousSince: before.since }),
    };
    return before.member === present ? [] : [{ userId, version, present, since, ...previous }];
  });
  // A group that is being made needs no such marks, since no reader has seen an earlier version.
  const put = changes.map(({ userId }) => markOf(tools, hold, userId));
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
  return grown;
};
