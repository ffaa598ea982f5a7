import { concurrently } from "../../common/concurrently.ts";
import { changeMarkDays } from "../../provisioning/ports/directory-store.ts";
import type { Batches } from "../table/batches.ts";
import { memberKey, membersOfGroup } from "../table/keys.ts";
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
/** Given-up versions that a group remembers before it clears the items that bear them; the youngest are always kept. */
const voidedLimit = 25;
const voidedKept = 10;

/** Only now may the traces of leavers expire: before, they held members of a group whose change might fail. */
export const expireLeavers = async (
  { table, now }: GroupChangeTools,
  groupId: string,
  version: number,
  userIds: string[],
): Promise<void> => {
  const values = { version, absent: false, expiresAt: Math.floor(now() / 1000) + changeMarkDays * 86_400 };
  const when = "#version = :version AND #present = :absent";
  const expire = (userId: string) =>
    table.write(memberKey(groupId, userId), "SET #expiresAt = :expiresAt", { when, values });
  // The change has taken effect: a trace that stays for ever costs its storage and nothing else.
  await concurrently(userIds, writesAtOnce, expire).catch(() => {});
};

/**
 * Where the group remembers many versions that were given up, put back what bears the older ones, so that it may forget
 * them. Answers those that it still has to remember.
 */
export const clearVoided = async (
  { table, now }: GroupChangeTools,
  { groupId, base, voided }: GroupHold,
): Promise<number[]> => {
  if (voided.length <= voidedLimit) return voided;
  const old = new Set(voided.slice(0, -voidedKept));
  const expiresAt = Math.floor(now() / 1000) + changeMarkDays * 86_400;
  const restore = async (item: MemberItem) => {
    const { userId, version } = item;
    const { member, since } = membershipAt(item, base, voided);
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
