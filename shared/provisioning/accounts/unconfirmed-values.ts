import { diffAgainstRemote, diffAttributes } from "../../mapping/diff-attributes.ts";
import { remoteAttributes } from "../../mapping/remote-attributes.ts";
import type { AttributeChange, Attributes } from "../../model/attributes.ts";
import { fitToKeep } from "../../model/fit-to-keep.ts";
import type { JsonValue } from "../../model/json.ts";
import type { Unconfirmed, UserObserved } from "../../model/link.ts";
import type { Changed } from "../ports/service-provider.ts";
import { withPossible } from "./uncertain-values.ts";

/** What was sent and answered with success. */
type Sent = { next: Attributes; changes: AttributeChange[] };

/**
 * What is known of the account once a change was accepted: `next`, but for what is plainly shown otherwise. That counts as
 * it is shown, so that the next call sends it once more, and is kept as unconfirmed until it is shown as it should be, or
 * another value is wanted, which is then sent: the answer may be older than the change.
 */
export const withAccepted = (
  observed: UserObserved,
  { next, changes }: Sent,
  done: Changed,
): UserObserved => {
  const { unconfirmed: before, pushed: pushedBefore = {}, ...rest } = observed;
  const open = changes.filter(({ path }) => done.unconfirmed.includes(path));
  const shown = remoteAttributes(
    done.shown?.resource ?? {},
    open.map(({ path }) => path),
  );
  const left = leftOf(before, { next, changes }, done);
  const there: Attributes = {
    ...Object.fromEntries(Object.keys(left.seen).map((path) => [path, pushedBefore[path] ?? null])),
    ...byPath(open, (change) => asThere(change, shown[change.path])),
  };
  const expected = { ...left.expected, ...byPath(open, ({ to = null }) => to) };
  const seen = { ...left.seen, ...byPath(open, ({ path }) => fitToKeep(shown[path] ?? null)) };
  const pushed = Object.entries({ ...next, ...there }).filter(([, value]) => value !== null);
  const known = {
    ...rest,
    pushed: Object.fromEntries(pushed),
    ...(Object.keys(expected).length > 0 && { unconfirmed: { expected, seen } }),
  };
  const possible = Object.entries(expected).map(([path, to]) => ({ path, to }));
  return withPossible(known, possible);
};

/** In our own words where these are what is shown: a provider may have added to them. */
const asThere = ({ path, from }: AttributeChange, shown: JsonValue | undefined): JsonValue => {
  if (shown === undefined) return from ?? null;
  const isLonger = Array.isArray(shown) && Array.isArray(from) && shown.length !== from.length;
  const isOurs = from !== undefined && diffAgainstRemote({ [path]: shown }, { [path]: from }).length === 0;
  return isOurs && !isLonger ? from : fitToKeep(shown);
};

const byPath = (changes: AttributeChange[], read: (change: AttributeChange) => JsonValue): Attributes =>
  Object.fromEntries(changes.map((change) => [change.path, read(change)]));

/**
 * Of what was unconfirmed before: what is wanted still, and was not sent now, or was sent and neither answered nor read
 * with what is there.
 */
const leftOf = (
  before: Unconfirmed | undefined,
  { next, changes }: Sent,
  { shown }: Changed,
): Unconfirmed => {
  const sent = new Set(shown ? changes.map(({ path }) => path) : []);
  const paths = Object.keys(before?.expected ?? {}).filter(
    (path) => !sent.has(path) && isSame(path, before?.expected[path], next[path]),
  );
  const pick = (values: Attributes = {}) =>
    Object.fromEntries(paths.map((path) => [path, values[path] ?? null]));
  return { expected: pick(before?.expected), seen: pick(before?.seen) };
};

const isSame = (path: string, one: JsonValue | undefined, other: JsonValue | undefined): boolean =>
  diffAttributes({ [path]: one ?? null }, { [path]: other ?? null }).length === 0;

/**
 * The changes that this call has not sent yet, as they are. `sent`: values by path that it sent and that are not shown.
 */
export const notSentYet = (changes: AttributeChange[], sent: Attributes): AttributeChange[] =>
  changes.filter(({ path, to }) => !(Object.hasOwn(sent, path) && isSame(path, sent[path], to)));

/** Whether one of these was sent before and is still shown otherwise. */
export const isDoubted = (changes: AttributeChange[], { unconfirmed }: UserObserved): boolean =>
  changes.some(({ path }) => unconfirmed !== undefined && Object.hasOwn(unconfirmed.expected, path));

/** For the caller. */
export const unconfirmedReason = ({ expected }: Unconfirmed): string =>
  `the service provider answered with success and shows ${Object.keys(expected).join(", ")} otherwise than sent; the same call sends it once more`;
