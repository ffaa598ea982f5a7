import type { RemoteResource } from "../model/attributes.ts";
import type { JsonObject } from "../model/json.ts";
import type { Profile } from "../model/profile.ts";
import { ProviderFailure } from "../provisioning/ports/service-provider.ts";
import { readList, toRemote } from "./answers.ts";
import type { Call } from "./call.ts";
import { equals, queryOf } from "./filter.ts";

/** Enough to show duplicates, little enough for a provider that marks whatever it returns. */
const enough = 10;

/** The first page, as the provider wants it asked for. A bare `cursor` is the first one (RFC 9865 §2). */
const firstPage = (
  { paging: { style, maxCount } }: Profile,
  wanted: number,
): Record<string, string | number> => {
  const count = Math.min(wanted, maxCount);
  if (style === "none") return {};
  return style === "cursor" ? { cursor: "", count } : { startIndex: 1, count };
};

export type Lookup = {
  collection: "Users" | "Groups";
  attribute: "userName" | "externalId" | "id" | "displayName";
  value: string;
  /** Our own comparison: a provider may ignore the filter, or compare it with something else. */
  matches: (resource: JsonObject) => boolean;
  parameters?: Record<string, string>;
};

/**
 * All resources that really match. Where the answer holds others and more exist than it shows, nothing can be said of
 * the rest, and that is a failure: an empty answer would be followed by a duplicate.
 */
export const lookUp = async (call: Call, profile: Profile, lookup: Lookup): Promise<RemoteResource[]> => {
  const { collection, attribute, value, matches, parameters = {} } = lookup;
  const filter = equals(attribute, value);
  const path = `/${collection}?${queryOf({ filter, ...firstPage(profile, enough), ...parameters })}`;
  try {
    const { found, inconclusive } = await call({
      method: "GET",
      path,
      read: (answer) => {
        const { resources, total = 0 } = readList(answer);
        const matching = resources.filter(matches);
        return {
          found: matching.map((resource) => toRemote(resource, collection)),
          inconclusive: matching.length < resources.length && total > resources.length,
        };
      },
    });
    if (inconclusive) throw ignoredFilter(attribute);
    return found;
  } catch (error) {
    if (
      error instanceof ProviderFailure &&
      error.status === 404 &&
      (await listsAtAll(call, profile, collection))
    )
      return [];
    throw error;
  }
};

/**
 * Some providers answer a lookup without a match with 404, and so does any wrong base URL. A plain list tells them
 * apart; it is not asked for where reading marks what is read as managed.
 */
const listsAtAll = async (call: Call, profile: Profile, collection: string): Promise<boolean> => {
  if (profile.readsMarkManaged) return false;
  try {
    await call({
      method: "GET",
      path: `/${collection}?${queryOf(firstPage(profile, 1))}`,
      read: readList,
      aside: true,
    });
    return true;
  } catch {
    return false;
  }
};

const ignoredFilter = (attribute: string): ProviderFailure =>
  new ProviderFailure(
    "malformed",
    `The service provider ignored the filter on ${attribute} and did not show everything: whether there is a match cannot be said`,
    { status: 200 },
  );
