import type { JsonObject } from "../../model/json.ts";
import type { Filter } from "../filter/filter.ts";

/**
 * The value that fits a filter of equalities, as `type eq "work" and primary eq true`; undefined for any other filter, of
 * which nobody can say what it asks for.
 */
export const elementThatFits = (filter: Filter): JsonObject | undefined => {
  if (filter.kind === "and") {
    const parts = filter.terms.map(elementThatFits).filter((part) => part !== undefined);
    return parts.length === filter.terms.length ? Object.assign({}, ...parts) : undefined;
  }
  if (filter.kind !== "compare" || filter.operator !== "eq" || filter.literal === null) return undefined;
  return filter.ref.sub && { [filter.ref.sub.name]: filter.literal };
};
