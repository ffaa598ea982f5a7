import { diffAttributes } from "../../mapping/diff-attributes.ts";
import type { AttributeChange, Attributes } from "../../model/attributes.ts";
import type { JsonValue } from "../../model/json.ts";
import type { UserObserved } from "../../model/link.ts";
import type { ProviderFailure } from "../ports/provider-failure.ts";

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

/**
 * These changes were sent, and what an answer or a read shows instead may be older than they are, or they were refused
 * and done nevertheless: each may take effect yet. `pushed` stays as it was shown.
 */
export const withPossible = (observed: UserObserved, changes: AttributeChange[]): UserObserved => {
  const { pushed = {}, uncertain } = observed;
  const possible = changes.filter(({ path, to }) => isOther(path, pushed[path], to));
  if (possible.length === 0) return observed;
  return {
    ...observed,
    uncertain: { ...uncertain, ...Object.fromEntries(possible.map(({ path, to = null }) => [path, to])) },
  };
};

const isOther = (path: string, one: JsonValue | undefined, other: JsonValue | undefined): boolean =>
  diffAttributes({ [path]: one ?? null }, { [path]: other ?? null }).length > 0;

/** What is known once these changes have failed. Some providers open or shut an account, and answer with a refusal. */
export const afterFailure = (
  observed: UserObserved,
  changes: AttributeChange[],
  { kind, maybeApplied }: ProviderFailure,
): UserObserved => {
  if (maybeApplied) return withUncertain(observed, changes);
  const isRefused = kind === "rejected" || kind === "conflict";
  return isRefused
    ? withPossible(
        observed,
        changes.filter(({ path }) => path === "active"),
      )
    : observed;
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
  { uncertain = {}, isDeleting, closingAt, ...observed }: UserObserved,
  changes: AttributeChange[],
): UserObserved => {
  const paths = pathsOf(changes);
  const left = without(uncertain, paths);
  const isOpen = !paths.has("active");
  return {
    ...observed,
    ...(isOpen && isDeleting && { isDeleting }),
    ...(isOpen && closingAt !== undefined && { closingAt }),
    ...(Object.keys(left).length > 0 && { uncertain: left }),
  };
};

/**
 * What the next difference is made from: an uncertain path that is wanted counts as unknown, so that it is sent again,
 * and one that is not as held, so that it is cleared. One that is shown as it is wanted, and may become another, counts
 * as that other, so that what is wanted is sent.
 */
export const possibleValues = (
  { pushed = {}, uncertain = {} }: UserObserved,
  next: Attributes,
): Attributes => {
  const isBack = (path: string) => path in next && path in pushed && !isOther(path, pushed[path], next[path]);
  return {
    ...without(uncertain, new Set(Object.keys(next))),
    ...pushed,
    ...Object.fromEntries(Object.entries(uncertain).filter(([path]) => isBack(path))),
  };
};
