import { nameOf } from "../schemas/find-attribute.ts";
import type { Filter } from "./filter.ts";

/** What a store finds a resource by at once. */
export type KeyName = "id" | "userName" | "externalId" | "displayName" | "emails.value" | "members.value";

const keyNames: ReadonlySet<string> = new Set<KeyName>([
  ...(["id", "userName", "externalId", "displayName", "emails.value", "members.value"] as const),
]);
const isKeyName = (name: string): name is KeyName => keyNames.has(name);

/** A term that whoever fits the filter has to fit. `value` is as it was sent: `foldText` of the attribute compares it. */
export type KeyTerm = { key: KeyName; value: string };

/**
 * The equality terms that all of the filter's matches fit, in the order in which they stand, and what is left to be
 * tested once all of these hold; without `rest` nothing is. A store takes one term whose key it has, and tests the other
 * ones and `rest` on what it found. Without a term no key answers the filter.
 */
export const keyTerms = (filter: Filter): { terms: KeyTerm[]; rest?: Filter } => {
  const parts = conjuncts(filter);
  const terms = parts.flatMap((part) => keyTermsOf(part));
  const left = parts.filter((part) => !isKey(part));
  const [only] = left;
  if (only === undefined) return { terms };
  return { terms, rest: left.length === 1 ? only : { kind: "and", terms: left } };
};

const conjuncts = (filter: Filter): Filter[] =>
  filter.kind === "and" ? filter.terms.flatMap(conjuncts) : [filter];

const keyTermsOf = (filter: Filter): KeyTerm[] => {
  // The term holds of one value that the rest in the brackets holds of, too; so it holds of the resource.
  if (filter.kind === "element") return conjuncts(filter.of).flatMap(keyTermsOf);
  if (filter.kind !== "compare") return [];
  if (filter.operator !== "eq" || typeof filter.literal !== "string") return [];
  const key = nameOf(filter.ref);
  return isKeyName(key) ? [{ key, value: filter.literal }] : [];
};

/** Whether the key terms of this say all that it says. */
const isKey = (filter: Filter): boolean =>
  filter.kind === "element" ? isKey(filter.of) : filter.kind === "compare" && keyTermsOf(filter).length > 0;

/** Whether the filter asks about members, so that it can be tested only where they are known. */
export const asksForMembers = (filter: Filter): boolean => {
  if ("terms" in filter) return filter.terms.some(asksForMembers);
  if (filter.kind === "not") return asksForMembers(filter.of);
  return filter.ref.attribute.name === "members";
};
