import type { AttributeChange, Attributes } from "../../model/attributes.ts";
import type { UserObserved } from "../../model/link.ts";

const without = (attributes: Attributes, paths: Set<string>): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([path]) => !paths.has(path)));

const pathsOf = (changes: AttributeChange[]): Set<string> => new Set(changes.map(({ path }) => path));

/** These changes were sent, and nobody knows their outcome: the account may hold the new values or the old ones. */
export const withUncertain = (observed: UserObserved, changes: AttributeChange[]): UserObserved => {
  const { pushed = {}, uncertain = {} } = observed;
  const values = changes.flatMap(({ path, from, to }) => {
    const value = to ?? from ?? uncertain[path];
    return value === undefined ? [] : [[path, value]];
  });
  return {
    ...observed,
    pushed: without(pushed, pathsOf(changes)),
    uncertain: { ...uncertain, ...Object.fromEntries(values) },
  };
};

/** A DELETE was sent, and nobody knows its outcome: whether there is an account, and an open one, is to be seen. */
export const withUncertainDeletion = (observed: UserObserved): UserObserved => {
  const active = observed.pushed?.active;
  const doubted = withUncertain(observed, [
    { path: "active", ...(active !== undefined && { from: active }) },
  ]);
  return { ...doubted, isDeleting: true };
};

/** These changes arrived: nothing of them is uncertain any longer. */
export const withoutUncertain = (
  { uncertain = {}, isDeleting, ...observed }: UserObserved,
  changes: AttributeChange[],
): UserObserved => {
  const paths = pathsOf(changes);
  const left = without(uncertain, paths);
  const isOpen = isDeleting && !paths.has("active");
  return {
    ...observed,
    ...(isOpen && { isDeleting }),
    ...(Object.keys(left).length > 0 && { uncertain: left }),
  };
};

/**
 * What the next difference is made from: an uncertain path that is wanted counts as unknown, so that it is sent again,
 * and one that is not as held, so that it is cleared.
 */
export const possibleValues = (
  { pushed = {}, uncertain = {} }: UserObserved,
  next: Attributes,
): Attributes => ({
  ...without(uncertain, new Set(Object.keys(next))),
  ...pushed,
});
