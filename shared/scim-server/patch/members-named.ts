import { badRequest } from "../errors/scim-error.ts";
import type { Filter } from "../filter/filter.ts";
import { matchesElement } from "../filter/matches.ts";

/**
 * The ids of the members that a filter in `members[…]` can fit, found in the filter itself: a group has too many members to
 * look at each.
 *
 * @throws ScimError `invalidFilter` where the filter names no ids
 */
export const membersNamed = (filter: Filter): string[] => {
  const ids = idsIn(filter);
  if (ids === undefined)
    throw badRequest(
      "invalidFilter",
      'Members are chosen by their ids alone: write members[value eq "…"], with or for several.',
    );
  return ids.filter((value) => matchesElement(filter, { value, type: "User" }));
};

/** Whoever fits is one of these; undefined where it may be anybody. */
const idsIn = (filter: Filter): string[] | undefined => {
  if (filter.kind === "and") return filter.terms.map(idsIn).find((ids) => ids !== undefined);
  if (filter.kind === "or") {
    const all = filter.terms.map(idsIn);
    return all.every((ids) => ids !== undefined) ? [...new Set(all.flat())] : undefined;
  }
  if (filter.kind !== "compare" || filter.operator !== "eq" || filter.ref.sub?.name !== "value")
    return undefined;
  return typeof filter.literal === "string" ? [filter.literal] : undefined;
};
