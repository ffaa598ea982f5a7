import type { MemberChange } from "./patch.ts";
import type { KnownMembers } from "./put-merged.ts";

/** The accounts of which nobody doubts that they are in the group; undefined where nobody can be asked. */
export type CertainMembers = (() => Promise<string[]>) | undefined;

/**
 * Whether a list of members proves that who is not in it is not in the group: all who are known to be there are shown,
 * and there are some. Some servers show the first 100 alone. A change is applied as a whole, so those whom it adds must
 * be there, too, once it has taken anybody out.
 */
export const isWhole = async (
  shown: ReadonlySet<string>,
  change: MemberChange,
  known: KnownMembers,
): Promise<boolean> => {
  const due = [...change.add, ...(await othersOf(change, known))];
  return due.length > 0 && due.every((one) => shown.has(one));
};

/** Whether others who must be there are missing as well: then that one is not shown does not contradict an answer of 2xx. */
export const isCut = async (
  shown: ReadonlySet<string>,
  change: MemberChange,
  certain: CertainMembers,
): Promise<boolean> => (await othersOf(change, certain)).some((one) => !shown.has(one));

const othersOf = async ({ add, remove }: MemberChange, asked: KnownMembers): Promise<string[]> => {
  const own = new Set([...add, ...remove]);
  return ((await asked?.()) ?? []).filter((one) => !own.has(one));
};
