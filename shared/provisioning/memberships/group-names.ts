import { omit } from "../../common/objects.ts";
import type { GroupObserved } from "../../model/link.ts";

/** The names that the group may have at the provider, as far as we gave them. */
export const groupNames = ({ name, uncertainNames = [] }: GroupObserved): (string | undefined)[] => [
  name,
  ...uncertainNames,
];

/** These, and the provider's own spelling, where there is one. */
export const shownNamesOf = (observed: GroupObserved): (string | undefined)[] =>
  observed.shownName === undefined ? groupNames(observed) : [...groupNames(observed), observed.shownName];

/** Whether the group has this name there and, for all that is known, no other. */
export const isNamed = (observed: GroupObserved, name: string): boolean =>
  groupNames(observed).every((one) => one === name);

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
