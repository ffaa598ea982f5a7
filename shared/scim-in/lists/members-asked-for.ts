import { badRequest } from "../../scim-server/errors/scim-error.ts";
import type { Filter } from "../../scim-server/filter/filter.ts";

/**
 * The ids of members that a filter asks about, so that only these have to be looked for; none where it asks about none.
 * @throws ScimError `invalidFilter` where it asks otherwise, as by `pr` or `co`: a group has too many members to look at each
 */
export const membersAskedFor = (filter: Filter): string[] => {
  if ("terms" in filter) return filter.terms.flatMap(membersAskedFor);
  if (filter.kind === "not") return membersAskedFor(filter.of);
  if (filter.ref.attribute.name !== "members") return [];
  if (filter.kind === "element") return membersAskedFor(filter.of);
  const isById = filter.kind === "compare" && filter.operator === "eq" && filter.ref.sub?.name === "value";
  if (isById && typeof filter.literal === "string") return [filter.literal];
  throw badRequest("invalidFilter", 'Members are asked for by their ids alone: write members.value eq "…".');
};
