import type {
  KnownMembers,
  MemberOutcome,
  ServiceProvider,
} from "../../provisioning/ports/service-provider.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import type { MemberChange } from "./patch.ts";

/**
 * Who a group shows as its members. `isCut`: others who are in it are missing, so that nobody is proven gone by not
 * being shown; some servers show the first 100 alone. `isRead`: a read shows it, not the answer to a change. `isLater`:
 * nothing is shown, and the change was accepted (202): it may be carried out later, or never.
 */
export type ShownMembers = { members?: string[] | undefined; isCut?: true; isRead?: true; isLater?: true };

export type MemberRecord = ReturnType<typeof openMemberRecord>;

export const emptyOutcome: MemberOutcome = { added: [], removed: [], unconfirmed: [], uncertain: [] };

/**
 * What one call has sent to a group, and what the lists of members that it then sees prove of it. All that was sent is
 * held against each list, not the last chunk alone: some servers change a group on a copy that is behind, and so undo
 * what came before. `done` is told what is new, and each member of whom a list says otherwise than the one before.
 */
export const openMemberRecord = (
  { profile }: ResourceContext,
  difference: MemberChange,
  known: KnownMembers | undefined,
  done: Parameters<ServiceProvider["changeMembers"]>[2],
) => {
  const changing = new Set([...difference.add, ...difference.remove]);
  const sent = { add: new Set<string>(), remove: new Set<string>() };
  let ignored = new Set<string>();
  let sure: Promise<string[]> | undefined;
  let pageSize: number | undefined;

  /** The members that we know and that the call does not change. */
  const others = async (which: "all" | "sure"): Promise<string[]> =>
    ((await known?.(which)) ?? []).filter((one) => !changing.has(one));

  return {
    /**
     * A list that lacks one who was added, by `part` or before, is cut where it lacks one more who is in the group
     * without a doubt, or where it ends at a page's size among those whom this call adds. An empty list then says
     * nothing; nor does it where the profile says that members are hidden, or where nobody was added. The members that
     * we know are read for it once at most.
     */
    judge: async ({ members, ...origin }: ShownMembers, { add }: MemberChange): Promise<ShownMembers> => {
      if (members === undefined) return origin;
      const added = [...sent.add, ...add];
      const isEmpty = members.length === 0;
      if (isEmpty && (added.length === 0 || !profile.readsMembers)) return origin;
      const shown = new Set(members);
      if (added.every((one) => shown.has(one))) return { members, ...origin };
      if (!profile.readsMembers) return { members, isCut: true, ...origin };
      if (members.length === pageSize || endsAtPage(members.length, shown, { before: [...sent.add], add })) {
        pageSize = members.length;
        return { members, isCut: true, ...origin };
      }
      sure ??= others("sure");
      if ((await sure).every((one) => shown.has(one))) return { members, ...origin };
      return isEmpty ? origin : { members, isCut: true, ...origin };
    },

    /**
     * Whether a list, read when the outcome of `part` is uncertain, proves that a member who is not in it is gone: all
     * who must be in the group are shown, and there are some. A change is applied as a whole, so those whom it adds
     * are among them once it has taken anybody out.
     */
    provesGone: async (shown: ReadonlySet<string>, { add }: MemberChange): Promise<boolean> => {
      const due = [...add, ...(await others("all"))];
      return due.length > 0 && due.every((one) => shown.has(one));
    },

    /** Whether a list shows all who are in the group without a doubt and whom this call does not change. */
    showsOthers: async (shown: ReadonlySet<string>): Promise<boolean> =>
      (await others("sure")).every((one) => shown.has(one)),

    /** Takes in what became of members, and who is shown since. */
    note: async (outcome: MemberOutcome, shown: ShownMembers = {}): Promise<void> => {
      for (const one of outcome.added) sent.add.add(one);
      for (const one of outcome.removed) sent.remove.add(one);
      if (!shown.members) return done(outcome);
      const before = ignored;
      const isShown = new Set(shown.members);
      // A cut list says nothing of those whom it does not show: the list before counts.
      const still = shown.isCut ? [...before].filter((one) => !isShown.has(one)) : [];
      ignored = new Set([
        ...still,
        ...contradictedMembers(shown, { add: [...sent.add], remove: [...sent.remove] }),
      ]);
      const fresh = new Set([...outcome.added, ...outcome.removed]);
      const isNew = (one: string) => fresh.has(one) || before.has(one) !== ignored.has(one);
      const added = [...sent.add].filter(isNew);
      const removed = [...sent.remove].filter(isNew);
      if (added.length + removed.length + outcome.uncertain.length === 0) return;
      const unconfirmed = [...added, ...removed].filter((one) => ignored.has(one));
      await done({ added, removed, unconfirmed, uncertain: outcome.uncertain });
    },
  };
};

/** Pages that are common; a number that a group may well have by chance is none. */
const isPageSize = (size: number): boolean => size === 20 || size === 25 || (size > 0 && size % 50 === 0);

/**
 * Whether a list of members ends at a page's size, and shows all whom the call added before, or, at its first change,
 * some whom that one added: the provider takes what it is sent, and shows no more of it. A list that lacks one of before
 * may be of a group that forgot the change.
 */
const endsAtPage = (
  size: number,
  shown: ReadonlySet<string>,
  { before, add }: { before: string[]; add: string[] },
): boolean => {
  if (!isPageSize(size)) return false;
  return before.length > 0 ? before.every((one) => shown.has(one)) : add.some((one) => shown.has(one));
};

/** Those whom a list of members contradicts: added and not in it, unless it is cut, or removed and in it. */
export const contradictedMembers = (
  { members, isCut }: ShownMembers,
  { add, remove }: MemberChange,
): string[] => {
  if (members === undefined) return [];
  const shown = new Set(members);
  const missing = isCut ? [] : add.filter((one) => !shown.has(one));
  return [...missing, ...remove.filter((one) => shown.has(one))];
};
