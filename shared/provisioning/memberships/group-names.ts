import { isSameName } from "../../common/names.ts";
import { omit } from "../../common/objects.ts";
import type { GroupObserved } from "../../model/link.ts";
import { mayArrive } from "../attempts/in-flight.ts";
import { otherSpelling } from "../attempts/shown-name.ts";

/** The names that the group may have at the provider, as far as we gave them. */
export const groupNames = ({ name, uncertainNames = [] }: GroupObserved): (string | undefined)[] => [
  name,
  ...uncertainNames,
];

/** Whether the provider may show the group under this name: one that we gave, its own spelling, or one of `more`. */
export const isKnownAs = (observed: GroupObserved, shown: string, more: string[] = []): boolean =>
  [...groupNames(observed), observed.shownName, ...more].some(
    (name) => name !== undefined && isSameName(name, shown),
  );

/** Whether the group has this name there and, for all that is known, no other. */
export const isNamed = (observed: GroupObserved, name: string): boolean =>
  groupNames(observed).every((one) => one === name);

/** Whether a PUT that had no answer may give the group another name yet: it is named once more after that. */
export const mayBeRenamed = (observed: GroupObserved, name: string, now: number): boolean =>
  !isNamed(observed, name) && observed.putAt !== undefined && mayArrive({ startedAt: observed.putAt }, now);

/** Another name that the group has, or may have, there. */
export const otherName = (observed: GroupObserved, name: string): string | undefined =>
  groupNames(observed).find((one) => one !== name);

/** The group was to take this name, and nobody knows whether it did: it may have this one or the one before. */
export const withUncertainName = (observed: GroupObserved, name: string): GroupObserved => ({
  ...observed,
  uncertainNames: [...new Set([...(observed.uncertainNames ?? []), name])],
});

/** The group has this name for sure. */
export const withName = (observed: GroupObserved, name: string): GroupObserved => ({
  ...omit(observed, "uncertainNames", "shownName"),
  name,
});

/** The group has this name, which the provider shows as `shown`. */
export const withSpelling = (observed: GroupObserved, name: string, shown: string): GroupObserved => ({
  ...withName(observed, name),
  ...otherSpelling(shown, name),
});
