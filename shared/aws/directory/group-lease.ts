import { omit, present } from "../../common/objects.ts";
import { type Trace, traceOf } from "../../model/directory-change.ts";
import { Failure } from "../../model/failure.ts";
import type { Changed } from "../../model/work.ts";
import { changedKey, groupKey } from "../table/keys.ts";
import type { StateTable } from "../table/state-table.ts";
import { type Plan, savingOf, stillSaving } from "./group-plan.ts";
import type { Changing, GroupHistory, GroupItem } from "./member-item.ts";

/** A group that a change holds, and the version that it was given. */
export type GroupHold = {
  groupId: string;
  id: string;
  version: number;
  base: number;
  history: GroupHistory & { voided: number[] };
  /** Members at `base`, where they were counted. */
  memberCount?: number;
  leaseUntil: number;
  /** Of the change when it was begun. */
  trace: Trace;
  /** How far the change had come when it was taken up. */
  plan?: Plan;
};

/** The change that is to hold the group: one of the same digest goes on with what another holder of it has written. */
export type Claim = { id: string; digest: string; trace: Trace };

export type GroupLease = {
  /** Hold the group for a change from version `base` (0: no group yet). Throws Failure `attempt-in-progress`. */
  take(groupId: string, base: number, claim: Claim): Promise<GroupHold>;
  /**
   * Hold it for longer, where half of the lease is over. Throws Failure `attempt-in-progress` where it was taken over.
   */
  renew(hold: GroupHold): Promise<GroupHold>;
  /** Let others have the group at once; what was written counts for the same change alone, if that comes next. */
  release(hold: GroupHold): Promise<void>;
  /** The same of a change that goes on by itself: found by its mark, which is part of the write. */
  leave(hold: GroupHold, plan: Plan, changed: Changed): Promise<void>;
};

/**
 * How soon another change takes over from a dead one. A slow holder that loses its lease can do no harm (see below).
 */
const leaseMs = 40_000;
/** The marks of a change expire, so one that was begun earlier is begun anew. */
const resumableMs = 12 * 3_600_000;
const planWaitMs = 5_000;

/**
 * The lease of group changes. Every change is given a version that no other had before, and taking over voids the dead
 * holder's version. So what a dead change wrote, or still writes later, never counts, and nothing has to be repaired.
 * The same change goes on under the dead holder's version instead: whatever that holder still writes is what this one
 * writes.
 */
export const createGroupLease = (table: StateTable, now: () => number): GroupLease => ({
  async take(groupId, base, claim) {
    try {
      return await take(table, { groupId, base }, claim, now);
    } catch (error) {
      // Where a reply was lost it may be held: nobody then has to wait for the lease to end.
      if (isUnanswered(error)) await release(table, { groupId, id: claim.id }).catch(() => {});
      throw error;
    }
  },

  async renew(hold) {
    if (hold.leaseUntil - now() > leaseMs / 2) return hold;
    const leaseUntil = now() + leaseMs;
    const values = { id: hold.id, leaseUntil };
    const renewed = await table.write(groupKey(hold.groupId), "SET #changing.#leaseUntil = :leaseUntil", {
      when: "#changing.#id = :id",
      values,
    });
    if (!renewed) throw overtaken();
    return { ...hold, leaseUntil };
  },

  release: (hold) => release(table, hold),

  async leave({ groupId, id }, plan, changed) {
    const { pk } = groupKey(groupId);
    const values = { id, past: 0, plan, changed, ...changedKey(changed, pk) };
    const change =
      "SET #changing.#leaseUntil = :past, #changing.#plan = :plan, #changing.#changed = :changed, #workPk = :workPk, #workSk = :workSk";
    const left = await table.write(groupKey(groupId), change, { when: "#changing.#id = :id", values });
    if (!left) throw overtaken();
  },
});

const take = async (
  table: StateTable,
  { groupId, base }: Pick<GroupHold, "groupId" | "base">,
  { trace, ...claim }: Claim,
  now: () => number,
): Promise<GroupHold> => {
  const mine = (): Changing => ({
    ...claim,
    // The item has the times of earlier changes already, and is to stay under a kilobyte.
    ...omit(trace, "recent"),
    leaseUntil: now() + leaseMs,
    begunAt: now(),
  });
  for (let tries = 0; tries < 4; tries += 1) {
    const free = await takeFree(table, groupId, base, mine());
    if (free) return free;
    const item = await table.get<GroupItem>(groupKey(groupId));
    if ((item?.version ?? 0) !== base) throw overtaken();
    const held = item && (await takeHeld(table, item, mine(), now()));
    if (held) return held;
  }
  throw busy(0);
};

const isUnanswered = (error: unknown): boolean =>
  !(error instanceof Failure) || error.code === "store-unavailable";

const release = async (
  table: StateTable,
  { groupId, id }: Pick<GroupHold, "groupId" | "id">,
): Promise<void> => {
  const values = { id, past: 0 };
  await table.write(groupKey(groupId), "SET #changing.#leaseUntil = :past", {
    when: "#changing.#id = :id",
    values,
  });
};

const takeFree = async (
  table: StateTable,
  groupId: string,
  base: number,
  changing: Changing,
): Promise<GroupHold | undefined> => {
  const set = "#changing = :changing, #groupId = :groupId, #version = if_not_exists(#version, :base)";
  const item = await table.update<GroupItem>(groupKey(groupId), `SET ${set} ADD #highest :one`, {
    when: `${unmoved(base)} AND attribute_not_exists(#changing)`,
    values: { base, changing, groupId, one: 1 },
  });
  return item && holdOf(item, changing);
};

const isStillHeld = "#changing.#id = :deadId AND #changing.#leaseUntil = :deadLease";

/** The highest version is still the dead holder's, since only another holder could have been given a later one. */
const takeHeld = async (
  table: StateTable,
  { changing: held, ...item }: GroupItem,
  changing: Changing,
  now: number,
): Promise<GroupHold | undefined> => {
  if (!held) return undefined;
  // The request was repeated after a lost reply, and refused since its first try was applied.
  if (held.id === changing.id) return holdOf(item, held);
  const isSame = held.digest === changing.digest;
  const isResumable = now - (held.begunAt ?? 0) < resumableMs;
  // What was answered as saved is given up for no other change.
  if (held.plan && isResumable && (!isSame || held.leaseUntil >= now))
    throw isSame ? stillSaving(item.groupId, savingOf(held.plan, held.asked)) : busy(planWaitMs);
  if (held.leaseUntil >= now) throw busy(held.leaseUntil - now);
  const ofDead = { deadId: held.id, deadLease: held.leaseUntil };
  if (isSame && isResumable) {
    const { id, leaseUntil } = changing;
    const goesOn = { ...held, id, leaseUntil };
    const over = await table.update<GroupItem>(groupKey(item.groupId), "SET #changing = :changing", {
      when: isStillHeld,
      values: { changing: goesOn, ...ofDead },
    });
    return over && holdOf(over, goesOn);
  }
  const set = "#changing = :changing, #voided = list_append(if_not_exists(#voided, :none), :dead)";
  const over = await table.update<GroupItem>(groupKey(item.groupId), `SET ${set} ADD #highest :one`, {
    when: isStillHeld,
    values: { changing, one: 1, none: [], dead: [item.highest], ...ofDead },
  });
  return over && holdOf(over, changing);
};

/** The condition that the group is at version `base`; needs the value `base`. */
export const unmoved = (base: number): string =>
  base === 0 ? "(attribute_not_exists(#version) OR #version = :base)" : "#version = :base";

const holdOf = (item: GroupItem, { id, leaseUntil, plan, ...changing }: Changing): GroupHold => ({
  id,
  leaseUntil,
  trace: traceOf(changing),
  ...(plan && { plan }),
  groupId: item.groupId,
  version: item.highest,
  base: item.version,
  history: { voided: item.voided ?? [], ...(item.ended && { ended: item.ended }) },
  ...(item.version === 0 ? { memberCount: 0 } : present({ memberCount: item.memberCount })),
});

/** The group is no longer at the version from which the change was made. */
export const overtaken = (): Failure =>
  new Failure("attempt-in-progress", "Another change of this group came first. Call again.", {
    retryAfterSeconds: 1,
  });

const busy = (leftMs: number): Failure =>
  new Failure("attempt-in-progress", "Another change of this group is under way. Call again.", {
    retryAfterSeconds: Math.min(5, Math.max(1, Math.ceil(leftMs / 1000))),
  });
