import type { GroupReceipt, MemberFailure } from "../../model/receipt.ts";
import type { GroupRun } from "../memberships/group-run.ts";

const mostListed = 100;
const mostNamed = 10;
const longestDetail = 300;

/** What the receipt tells of members: the first of them by name, and how many there are. */
export const memberCounts = ({
  added,
  removed,
  unfinished,
  waiting,
  failures,
}: GroupRun): NonNullable<GroupReceipt["members"]> => {
  const pending = [...new Set([...unfinished, ...waiting])];
  const failed = [...failures].slice(0, mostListed).map(
    ([userId, { code, detail }]): MemberFailure => ({
      userId,
      code,
      detail: detail.replace(/\s+/g, " ").slice(0, longestDetail).toWellFormed(),
    }),
  );
  return {
    added: added.size,
    removed: removed.size,
    pending: pending.slice(0, mostListed),
    pendingTotal: pending.length,
    ...(failed.length > 0 && { failed, failedTotal: failures.size }),
  };
};

/** The first of these users, each with the code of the failure, and how many there are. */
export const namesOfFailed = (userIds: string[], { failures }: GroupRun): string => {
  const named = userIds.slice(0, mostNamed).map((userId) => {
    const code = failures.get(userId)?.code;
    return code === undefined ? userId : `${userId} (${code})`;
  });
  const more = userIds.length - named.length;
  return `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
};
