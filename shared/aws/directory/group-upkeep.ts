import { concurrently } from "../../common/concurrently.ts";
import { changeMarkDays } from "../../provisioning/ports/directory-store.ts";
import type { Batches } from "../table/batches.ts";
import { memberKey, membershipKey, membersOfGroup } from "../table/keys.ts";
import type { StateTable } from "../table/state-table.ts";
import type { GroupHold, GroupLease } from "./group-lease.ts";
import { type MemberItem, membershipAt } from "./member-item.ts";

export type GroupChangeTools = {
  table: StateTable;
  batches: Batches;
  lease: GroupLease;
  now: () => number;
};

export const writesAtOnce = 32;
/** A group that remembers more given-up versions than this limit clears the items of all but the youngest. */
const voidedLimit = 25;
const voidedKept = 10;

/**
 * Lets the traces of leavers expire, and takes their marks away. That may be only now: while the change could still
 * fail, the items held members. The mark of one who has joined again since is of a later version, and stays.
 */
export const expireLeavers = async (
  { table, now }: GroupChangeTools,
  groupId: string,
  version: number,
  userIds: string[],
): Promise<void> => {
  const values = { version, absent: false, expiresAt: Math.floor(now() / 1000) + changeMarkDays * 86_400 };
  const when = "#version = :version AND #present = :absent";
  const isLeft = { when: "#version <= :version", values: { version } };
  const expire = async (userId: string) => {
    await table.write(memberKey(groupId, userId), "SET #expiresAt = :expiresAt", { when, values });
    await table.remove(membershipKey(userId, groupId), isLeft);
  };
  // The change has taken effect. A trace whose expiry could not be written costs its storage and nothing else.
  await concurrently(userIds, writesAtOnce, expire).catch(() => {});
};

/**
 * Where the group remembers many given-up versions, restores the items of the older ones, so that the group may forget
 * these versions. Returns the versions that it still has to remember.
 */
export const clearVoided = async (
  { table, now }: GroupChangeTools,
  { groupId, base, history }: GroupHold,
): Promise<number[]> => {
  const { voided } = history;
  if (voided.length <= voidedLimit) return voided;
  const old = new Set(voided.slice(0, -voidedKept));
  const expiresAt = Math.floor(now() / 1000) + changeMarkDays * 86_400;
  const restore = async (item: MemberItem) => {
    const { userId, version } = item;
    const { member, since } = membershipAt(item, base, history);
    const unchanged = { when: "#version = :version", values: { version } };
    if (since === undefined) return await table.remove(memberKey(groupId, userId), unchanged);
    const restored = {
      userId,
      version,
      present: member,
      since,
      previousPresent: member,
      previousSince: since,
    };
    return await table.put(
      memberKey(groupId, userId),
      { ...restored, ...(member ? {} : { expiresAt }) },
      unchanged,
    );
  };
  for await (const page of table.pages<MemberItem>(membersOfGroup(groupId))) {
    const stale = page.filter(({ version }) => old.has(version));
    await concurrently(stale, writesAtOnce, restore);
  }
  return voided.slice(-voidedKept);
};
