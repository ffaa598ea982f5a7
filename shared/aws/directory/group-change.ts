import { createHash } from "node:crypto";
import { chunksOf } from "../../common/chunks.ts";
import type { SavedGroup } from "../../model/directory.ts";
import { type Trace, traceOf } from "../../model/directory-change.ts";
import { Failure } from "../../model/failure.ts";
import type { GroupChange } from "../../provisioning/ports/directory-store.ts";
import { setAll } from "../table/expressions.ts";
import { groupKey, groupListing, traceKey } from "../table/keys.ts";
import type { StateTable } from "../table/state-table.ts";
import { effectOf } from "./group-effect.ts";
import { type GroupHold, overtaken, unmoved } from "./group-lease.ts";
import { type Plan, removePlan, savingOf, stillSaving, writePlan } from "./group-plan.ts";
import { clearVoided, expireLeavers, type GroupChangeTools } from "./group-upkeep.ts";
import { everybody, type GroupItem, toSavedGroup } from "./member-item.ts";
import { type Members, markOf, timeIsOver, writeMembers } from "./write-members.ts";

/** The lease is renewed, and how far the change has come is known, after each so many: at a slow store in some ten seconds. */
const membersInStep = 200;

/**
 * Carry out one change. The group is held by a lease and given a version; members and marks are written under that
 * version, which no reader counts yet; one conditional write of the group's item then makes it count. Whatever
 * happens before that write, the group stays as it was. Throws as `GroupStore.change`.
 */
export const changeGroup = async (
  tools: GroupChangeTools,
  groupId: string,
  base: number,
  change: GroupChange & { id: string; digest?: string | undefined },
): Promise<SavedGroup> => {
  const { table, batches, lease } = tools;
  const { id, name, ends } = change;
  const updatedAt = new Date(tools.now()).toISOString();
  const wanted = new Map([
    ...change.remove.map((userId) => [userId, false] as const),
    ...change.add.map((userId) => [userId, true] as const),
  ]);
  // The same order whoever goes on with it.
  const inOrder = [...wanted].sort(([one], [other]) => (one < other ? -1 : 1));
  if (wanted.size === 0 && !ends) {
    const renamed = await renameGroup(tools, groupId, base, { ...change, updatedAt });
    if (renamed) return renamed;
  }

  let hold = await lease.take(groupId, base, {
    id,
    digest: change.digest ?? digestOf(change),
    trace: traceOf(change),
  });
  const { version, memberCount } = hold;
  const trace = { ...hold.trace, ...recentOf(change, hold) };
  const members: Members = { added: [], removed: [] };
  const { done: before, grown: grownBefore } = hold.plan ?? { done: 0, grown: 0 };
  const grownBy = () => grownBefore + members.added.length - members.removed.length;
  let done = before;
  let saved: SavedGroup | undefined;
  try {
    const voided = await clearVoided(tools, hold);
    for (const some of chunksOf(inOrder.slice(before), membersInStep)) {
      hold = await lease.renew(hold);
      const differing = { wanted: new Map(some), until: change.until };
      const { added, removed } = await writeMembers(tools, hold, differing, updatedAt);
      members.added.push(...added);
      members.removed.push(...removed);
      done += some.length;
    }
    const grown = grownBy();
    if (ends) await batches.write({ put: [markOf(tools, hold, everybody)] });
    const counted = memberCount !== undefined && { memberCount: memberCount + grown };
    const fields = {
      version,
      name,
      updatedAt,
      voided,
      lastChange: id,
      ...counted,
      ...markedTrace(groupId, trace, updatedAt),
    };
    const effect = effectOf(groupId, fields, change);
    const when = "#changing.#id = :lastChange";
    const { values } = effect;
    const item = await table.update<GroupItem>(groupKey(groupId), effect.change, { when, values });
    saved = item ? toSavedGroup(item) : await ifMine(table, groupId, id);
    if (!saved) throw overtaken();
  } catch (error) {
    const total = inOrder.length;
    if (error === timeIsOver) throw await keepPlan(tools, hold, change, { done, total, grown: grownBy() });
    // Best effort: where this fails too, the lease runs out. The same change goes on from here.
    await lease.release(hold).catch(() => {});
    throw error;
  }
  if (hold.plan) await removePlan(tools.batches, groupId, hold.plan);
  await expireLeavers(tools, groupId, version, change.remove);
  // Of what others have written before, its event reads the members.
  return hold.plan ? saved : withMembers(saved, members);
};

/** Lets the change go on by itself from where it has come to. What the caller is told. */
const keepPlan = async (
  { batches, lease, now }: GroupChangeTools,
  hold: GroupHold,
  { name, next, ...change }: GroupChange,
  progress: Pick<Plan, "done" | "total" | "grown">,
): Promise<Failure> => {
  const { groupId, version, trace } = hold;
  try {
    const parts = hold.plan?.parts ?? (await writePlan({ batches, now }, groupId, version, change));
    const { source } = change;
    const plan: Plan = { version, parts, name, ...(source !== undefined && { source }), ...progress };
    const at = now();
    const { since = at, isUrgent, next: before = [] } = trace.changed ?? {};
    const all = hold.plan || !next ? before : [...before, next];
    const changed = { at, since, ...(isUrgent && { isUrgent }), ...(all.length > 0 && { next: all }) };
    await lease.leave(hold, plan, changed);
    return stillSaving(groupId, savingOf(plan, trace.asked));
  } catch {
    await lease.release(hold).catch(() => {});
    return outOfTime(groupId);
  }
};

/** A change of the name alone is one write. Undefined where the group is held, or not at `base`. */
const renameGroup = async (
  { table }: GroupChangeTools,
  groupId: string,
  base: number,
  { id, name, updatedAt, source, ...change }: GroupChange & { id: string; updatedAt: string },
): Promise<SavedGroup | undefined> => {
  const next = "if_not_exists(#highest, :none) + :one";
  const trace = traceOf(change);
  const fields = {
    ...{ groupId, name, updatedAt, lastChange: id, ...groupListing(groupId) },
    ...markedTrace(groupId, trace, updatedAt),
    ...(base === 0 && { memberCount: 0 }),
    ...(source && { source }),
  };
  const disowned = source === null ? ", #source" : "";
  const update = `${setAll(fields)}, #version = ${next}, #highest = ${next} REMOVE #deleted${disowned}`;
  const renamed = await table.update<GroupItem>(groupKey(groupId), update, {
    when: `${unmoved(base)} AND attribute_not_exists(#changing)`,
    values: { ...fields, base, none: 0, one: 1 },
  });
  const saved = renamed ? toSavedGroup(renamed) : await ifMine(table, groupId, id);
  return saved && withMembers(saved, { added: [], removed: [] });
};

/** The same for the same change, also of another caller. */
const digestOf = ({ name, add, remove, ends, next, source }: GroupChange): string => {
  const parts = [name, add.toSorted(), remove.toSorted(), ends ?? false, next?.integrationId ?? null];
  // One that was begun by an earlier release knows of no owner.
  const all = source === undefined ? parts : [...parts, source];
  return createHash("sha256").update(JSON.stringify(all)).digest("base64url");
};

const outOfTime = (groupId: string): Failure =>
  new Failure(
    "store-unavailable",
    `Saving the change of group ${groupId} takes longer than one call. Nothing of it counts yet, and what is written is kept: the same call again goes on from there.`,
    { retryAfterSeconds: 1 },
  );

/** The trace, and the key by which the change is found, should whoever makes it die. */
const markedTrace = (groupId: string, trace: Trace, updatedAt: string) => ({
  ...trace,
  ...traceKey(trace, updatedAt, groupKey(groupId).pk),
});

/** The times of the latest changes, of which this one counts from when it was begun. */
const recentOf = ({ recent }: GroupChange, { base, trace: { asked } }: GroupHold): Pick<Trace, "recent"> => {
  if (!recent || !asked) return recent ? { recent } : {};
  return { recent: [...recent.slice(0, -1), { after: base, at: Date.parse(asked.at) }] };
};

/** As it is answered: who joined and left is too much to be kept with the group, which tells it by its versions. */
const withMembers = (saved: SavedGroup, members: Members): SavedGroup =>
  saved.unrecorded ? { ...saved, unrecorded: { ...saved.unrecorded, members } } : saved;

/**
 * After a lost reply the SDK repeats the write, and the repetition is refused: the item tells whether the write was
 * applied.
 */
const ifMine = async (table: StateTable, groupId: string, id: string): Promise<SavedGroup | undefined> => {
  const item = await table.get<GroupItem>(groupKey(groupId));
  return item?.lastChange === id ? toSavedGroup(item) : undefined;
};
