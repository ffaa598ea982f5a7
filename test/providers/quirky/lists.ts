import { Refusal } from "./errors.ts";
import { alike, type Json, readAt, stepsOf } from "./resource.ts";
import type { Switches } from "./switches.ts";

type Filter = { attribute: string; value: string };

/** The one filter that every provider has: `attribute eq "value"`. */
const readFilter = (text: string | null, { quotedFilterOnly }: Switches): Filter | undefined => {
  if (!text) return undefined;
  const match = /^\s*(\S+)\s+eq\s+(.+?)\s*$/is.exec(text);
  if (!match) throw new Refusal(400, "The specified filter syntax was invalid.", "invalidFilter");
  const [, attribute = "", literal = ""] = match;
  try {
    const value: unknown = JSON.parse(literal);
    if (typeof value === "string") return { attribute, value };
  } catch {
    // Not a quoted string: refused below.
  }
  if (quotedFilterOnly) throw new Refusal(400, "Argument has to be a quoted string literal", "invalidFilter");
  return { attribute, value: literal };
};

const matches = (resource: Json, { attribute, value }: Filter, switches: Switches): boolean => {
  const held = readAt(resource, stepsOf(attribute) ?? [attribute]);
  if (attribute === "displayName" && switches.groupNamesAlike === "everywhere")
    return alike(String(held)) === alike(value);
  const caseless = /^username$/i.test(attribute) && !switches.filterMindsCase;
  return caseless
    ? String(held).toLowerCase() === value.toLowerCase()
    : held !== undefined && String(held) === value;
};

const synthetic = {
  id: "synthetic",
  userName: "synthesis_user",
  active: true,
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
};

/** @throws Refusal where a filtered list of this collection is declined */
const checkFilter = (collection: "Users" | "Groups", { filterDeclined }: Switches): void => {
  if (!filterDeclined || (filterDeclined.on === "Groups" && collection === "Users")) return;
  const { status } = filterDeclined;
  throw new Refusal(
    status === "bare" ? 400 : status,
    "Filtering is not supported on this endpoint.",
    status === 400 ? "invalidFilter" : undefined,
  );
};

/** What a filter leaves of `all`, as far as the provider looks at it. */
export const select = (
  all: Json[],
  collection: "Users" | "Groups",
  query: URLSearchParams,
  switches: Switches,
): Json[] => {
  if (query.has("filter")) checkFilter(collection, switches);
  const filter = readFilter(query.get("filter"), switches);
  if (!filter || switches.filterIgnored === "everything") return all;
  if (switches.filterIgnored === "empty") return [];
  const found = all.filter((resource) => matches(resource, filter, switches));
  if (found.length === 0 && switches.filterIgnored === "synthetic user") return [synthetic];
  if (found.length === 0 && switches.lookupMissIs404) throw new Refusal(404, "Nothing matches the filter.");
  return found;
};

const wholeNumber = (text: string | null, absent: number): number =>
  /^\d+$/.test(text ?? "") ? Number(text) : absent;

const totalOf = (found: Json[], { totalCap = Number.POSITIVE_INFINITY }: Switches): Json =>
  totalCap === "missing" ? {} : { totalResults: Math.min(found.length, totalCap) };

/** One page of what was found, in the provider's way of counting. */
export const toPage = (found: Json[], query: URLSearchParams, switches: Switches): Json => {
  const schemas = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"];
  const count = Math.min(wholeNumber(query.get("count"), 100), switches.countCap ?? 100);
  if (switches.cursorOnly) {
    const from = wholeNumber(query.get("cursor"), 0);
    const isMore = from + count < found.length;
    return {
      schemas,
      itemsPerPage: count,
      Resources: found.slice(from, from + count),
      ...(isMore && { nextCursor: String(from + count) }),
    };
  }
  const startIndex = Math.max(1, wholeNumber(query.get("startIndex"), 1));
  const isReversed = switches.unsorted && startIndex > 1 && !query.has("sortBy");
  const page = (isReversed ? found.toReversed() : found).slice(startIndex - 1, startIndex - 1 + count);
  if (!switches.clumsyPager)
    return {
      schemas,
      ...totalOf(found, switches),
      startIndex,
      itemsPerPage: page.length,
      Resources: page,
    };
  // Past the end the last item comes again, for ever.
  const shown = page.length === 0 ? found.slice(-1) : page;
  return {
    schemas,
    totalResults: shown.length,
    startIndex,
    itemsPerPage: count,
    Resources: shown.length === 0 ? null : shown,
  };
};
