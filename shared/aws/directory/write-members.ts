import { concurrently } from "../../common/concurrently.ts";
import { changeMarkDays, type GroupChange } from "../../provisioning/ports/directory-store.ts";
import { changeKey, memberKey, membershipKey } from "../table/keys.ts";
import { type GroupHold, overtaken } from "./group-lease.ts";
import { type GroupChangeTools, writesAtOnce } from "./group-upkeep.ts";
import { type MemberItem, membershipAt } from "./member-item.ts";

export type Members = { added: string[]; removed: string[] };

/** Thrown where members are left to write. */
export const timeIsOver = new Error("The time of the call is over.");

/** Kept a day longer than promised, since a version may take effect a while after its marks were written. */
export const markOf = ({ now }: GroupChangeTools, { groupId, version }: GroupHold, userId: string) => ({
  ...changeKey(groupId, version, userId),
  userId,
  expiresAt: Math.floor(now() / 1000) + (changeMarkDays + 1) * 86_400,
});

/** Answers who was no member before and is to be one, and the reverse, whoever wrote that. */
export const writeMembers = async (
  tools: GroupChangeTools,
  hold: GroupHold,
  {
    wanted,
    until = Number.POSITIVE_INFINITY,
  }: { wanted: Map<string, boolean>; until: GroupChange["until"] | undefined },
  since: string,
): Promise<Members> => {
  const { table, batches, now } = tools;
  const { groupId, version, base, history } = hold;
  if (now() >= until) throw timeIsOver;
  const keys = [...wanted.keys()].map((userId) => memberKey(groupId, userId));
  const items = new Map((await batches.get<MemberItem>(keys)).map((item) => [item.userId, item]));
  const differing: Members = { added: [], removed: [] };
  const changes = [...wanted].flatMap(([userId, present]): MemberItem[] => {
    const item = items.get(userId);
    const before = membershipAt(item, base, history);
    if (before.member !== present) differing[present ? "added" : "removed"].push(userId);
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
    if (now() >= until) throw timeIsOver;
    // The item of a later change is never overwritten: only a holder that lost its lease long ago could try.
    const when = "attribute_not_exists(#version) OR #version <= :version";
    if (!(await table.put(memberKey(groupId, item.userId), item, { when, values: { version } })))
      throw overtaken();
  });
  return differing;
};
