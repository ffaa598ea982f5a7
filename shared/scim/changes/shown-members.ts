import type { Profile } from "../../model/profile.ts";
import { type KnownMembers, ProviderFailure } from "../../provisioning/ports/service-provider.ts";
import type { ReadGroup } from "./bisect-members.ts";
import type { MemberChange } from "./patch.ts";

/**
 * Whom the answer to a change shows as members. `isCut`: others who are there are missing, so that nobody is proven gone
 * by not being shown; some servers show the first 100 alone. `isRead`: not the answer, but a read after it, has told.
 */
export type Shown = { members?: string[] | undefined; isCut?: true; isRead?: true };

type Group = { profile: Profile; known: KnownMembers | undefined };

/**
 * Finds out whether a list of members that lacks one of `added` is cut: it lacks others, whom the call does not change,
 * who are in the group without a doubt. An empty list tells nothing then, nor where the profile says that members are
 * hidden, nor of a change that adds nobody: it is left out. All members that we know are read at most once for it.
 */
export const openLists = ({ profile, known }: Group, { add, remove }: MemberChange) => {
  const changing = new Set([...add, ...remove]);
  let others: Promise<string[]> | undefined;
  const isCut = async (shown: ReadonlySet<string>): Promise<boolean> => {
    others ??= othersOf(changing, known, "sure");
    return (await others).some((one) => !shown.has(one));
  };
  return async ({ members, ...how }: Shown, added: string[]): Promise<Shown> => {
    if (members === undefined) return how;
    const isEmpty = members.length === 0;
    if (isEmpty && (added.length === 0 || !profile.readsMembers)) return how;
    const shown = new Set(members);
    if (added.every((one) => shown.has(one)) || !(await isCut(shown))) return { members, ...how };
    return isEmpty ? how : { members, isCut: true, ...how };
  };
};

/** Those whom a list of members contradicts: added and not in it, unless it is cut, or removed and in it. */
export const contradicted = ({ members, isCut }: Shown, { add, remove }: MemberChange): string[] => {
  if (members === undefined) return [];
  const shown = new Set(members);
  const missing = isCut ? [] : add.filter((one) => !shown.has(one));
  return [...missing, ...remove.filter((one) => shown.has(one))];
};

/**
 * Whether a list of members, read when the outcome of the change is unknown, proves that who is not in it is not in the
 * group: all who are known to be there are shown, and there are some. A change is applied as a whole, so those whom it
 * adds must be there, too, once it has taken anybody out.
 */
export const isWhole = async (
  shown: ReadonlySet<string>,
  { add, remove }: MemberChange,
  known: KnownMembers | undefined,
): Promise<boolean> => {
  const due = [...add, ...(await othersOf(new Set([...add, ...remove]), known, "all"))];
  return due.length > 0 && due.every((one) => shown.has(one));
};

const othersOf = async (
  changing: ReadonlySet<string>,
  known: KnownMembers | undefined,
  which: "all" | "sure",
): Promise<string[]> => ((await known?.(which)) ?? []).filter((one) => !changing.has(one));

/** The group's members, read once; undefined where nobody can tell. */
export const lookAtMembers = async (readGroup: ReadGroup): Promise<string[] | undefined> =>
  (await readGroup().catch(unlessRefused))?.members;

/** A read that fails shows nothing; but a 401 stops the integration, whatever else is in doubt. */
const unlessRefused = (error: unknown): undefined => {
  if (error instanceof ProviderFailure && error.kind !== "unauthorized") return undefined;
  throw error;
};
