import { omit } from "../../common/objects.ts";
import type { JsonObject } from "../../model/json.ts";
import type { GroupObserved, Unconfirmed } from "../../model/link.ts";
import { isNamed } from "./group-names.ts";

/** Users whom the provider shows as not added, or as not removed, whatever it answered. */
export type OpenMembers = { add: string[]; remove: string[] };

/** Users by id, the first of them, and how many there are. */
type Expected = Partial<Record<"added" | "removed", string[]>> &
  Partial<Record<"addedTotal" | "removedTotal", number>>;

const mostListed = 100;

/**
 * The group after an attempt that sent the changes of these users, of which `open` are not shown. Of the others that were
 * open before, those stay so that it did not send.
 */
export const withOpenMembers = (
  observed: GroupObserved,
  sent: ReadonlySet<string>,
  open: OpenMembers,
): GroupObserved => {
  const before = (observed.unconfirmed?.expected.members ?? {}) as Expected;
  const added = merged({ listed: before.added ?? [], total: before.addedTotal ?? 0 }, sent, open.add);
  const removed = merged(
    { listed: before.removed ?? [], total: before.removedTotal ?? 0 },
    sent,
    open.remove,
  );
  if (added.total + removed.total === 0) return withoutPath(observed, "members");
  const expected: JsonObject = {
    ...(added.total > 0 && { added: added.listed, addedTotal: added.total }),
    ...(removed.total > 0 && { removed: removed.listed, removedTotal: removed.total }),
  };
  return withPath(observed, "members", expected, { missing: added.total, present: removed.total });
};

type Listed = { listed: string[]; total: number };

const merged = ({ listed, total }: Listed, sent: ReadonlySet<string>, open: string[]): Listed => {
  const kept = listed.filter((userId) => !sent.has(userId));
  // Those beyond the list were sent along with all that are in it.
  const keptTotal = kept.length === 0 ? 0 : total - (listed.length - kept.length);
  return { listed: [...kept, ...open].slice(0, mostListed), total: keptTotal + open.length };
};

/** The provider took another name, and shows the one before; without `seen` nobody could look. */
export const withOpenName = (
  observed: GroupObserved,
  name: string,
  seen?: string | undefined,
): GroupObserved => withPath(observed, "displayName", name, seen ?? null);

/** What is still open once a call has looked at the whole group; `hasOpenMembers`: some of what it sent is. */
export const withoutSettled = (
  observed: GroupObserved,
  name: string,
  hasOpenMembers: boolean,
): GroupObserved => {
  const named = isNamed(observed, name) ? withoutPath(observed, "displayName") : observed;
  return hasOpenMembers ? named : withoutPath(named, "members");
};

/** Whether nothing but these is open: users who are shown in the group, and are not to be in it. */
export const isOpenByThese = ({ unconfirmed }: GroupObserved, users: { userId: string }[]): boolean => {
  const { members, ...others } = unconfirmed?.expected ?? {};
  const { removed = [], removedTotal = 0, addedTotal = 0 } = (members ?? {}) as Expected;
  const ids = new Set(users.map(({ userId }) => userId));
  const areThese = removedTotal <= ids.size && removed.every((userId) => ids.has(userId));
  return removedTotal > 0 && addedTotal === 0 && areThese && Object.keys(others).length === 0;
};

const withPath = (
  observed: GroupObserved,
  path: string,
  expected: Unconfirmed["expected"][string],
  seen: Unconfirmed["seen"][string],
): GroupObserved => ({
  ...observed,
  unconfirmed: {
    expected: { ...observed.unconfirmed?.expected, [path]: expected },
    seen: { ...observed.unconfirmed?.seen, [path]: seen },
  },
});

const withoutPath = (observed: GroupObserved, path: string): GroupObserved => {
  if (!observed.unconfirmed || !(path in observed.unconfirmed.expected)) return observed;
  const expected = omit(observed.unconfirmed.expected, path);
  const rest: GroupObserved = omit(observed, "unconfirmed");
  if (Object.keys(expected).length === 0) return rest;
  return { ...rest, unconfirmed: { expected, seen: omit(observed.unconfirmed.seen, path) } };
};

/** What the caller is told of it. */
export const unconfirmedReason = ({ unconfirmed }: GroupObserved): string | undefined => {
  if (!unconfirmed) return undefined;
  const { displayName, members } = unconfirmed.expected;
  const { missing } = (unconfirmed.seen.members ?? {}) as { missing?: number };
  return [
    ...(members
      ? [
          "the service provider accepted a change of members that it does not show; the same call again repeats it",
        ]
      : []),
    ...(missing
      ? ["where it shows some members of a group alone, or none, say so by overrides.readsMembers: false"]
      : []),
    ...(displayName !== undefined
      ? ["the service provider accepted the new name and shows another; the same call again repeats it"]
      : []),
  ].join("; ");
};
