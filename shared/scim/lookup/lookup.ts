import { asText, readKey } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import type { JsonObject } from "../../model/json.ts";
import { ProviderFailure } from "../../provisioning/ports/service-provider.ts";
import type { Collection, ScimContext } from "../exchange/scim-request.ts";
import { idOfResource, readList, toRemote, Unreadable } from "../messages/answers.ts";
import { equals, queryOf } from "../messages/filter.ts";
import { maxIds, type Page, type Parameters, readPages } from "./pages.ts";
import { probeList } from "./probe-list.ts";
import { restartLostCursor } from "./restart-lost-cursor.ts";

/** Enough to show duplicates, little enough for a provider that marks whatever it returns. */
const enough = 10;

export type Lookup = {
  collection: Collection;
  attribute: "userName" | "externalId" | "id" | "displayName";
  value: string;
  /** Our own comparison: a provider may ignore the filter, or compare it with something else. */
  matches: (resource: JsonObject) => boolean;
  /** Which matches go before the others; all are alike without it. */
  isExact?: (resource: JsonObject) => boolean;
  /** The list is read as it is. */
  isUnfiltered?: true;
  parameters?: Record<string, string>;
};

type MatchedPage = Page & { matching: RemoteResource[] };

/**
 * The resources that really match; two exact ones are enough to tell that there are several. One page tells it where the filter is
 * honoured. Where it is ignored the list is read to its end, as a match may be anywhere in it; where that cannot be
 * done, or the list holds more than it shows, it is a failure: an empty answer would be followed by a duplicate.
 */
export const lookUp = async (context: ScimContext, lookup: Lookup): Promise<RemoteResource[]> => {
  const first = await restartLostCursor(() => readMatches(context, lookup));
  // A list without an order shows some twice and others never; few sort unless asked to (RFC 7644 §3.4.2.3).
  const isOrdered = !first.isUnknown || !first.isReadOn;
  const { found, isUnknown } = isOrdered
    ? first
    : await restartLostCursor(() => readMatches(context, sorted(lookup)));
  if (isUnknown) throw ignoredFilter(lookup.attribute);
  return found;
};

/**
 * The same by the whole list, for where the filter has found nothing and a creation is a conflict. Nothing is read
 * where that marks what is read as managed.
 */
export const lookUpInList = async (context: ScimContext, lookup: Lookup): Promise<RemoteResource[]> =>
  context.profile.readsMarkManaged ? [] : lookUp(context, { ...lookup, isUnfiltered: true });

const sorted = (lookup: Lookup): Lookup => ({
  ...lookup,
  parameters: { ...lookup.parameters, sortBy: lookup.attribute },
});

type Matches = {
  found: RemoteResource[];
  /** The filter was ignored, and by its own word the list holds more than it has shown. */
  isUnknown: boolean;
  /** More than the first page was read. */
  isReadOn: boolean;
};

const readMatches = async (
  context: ScimContext,
  lookup: Lookup,
  wanted = lookup.isUnfiltered ? context.profile.paging.maxCount : enough,
): Promise<Matches> => {
  const { paging, readsMarkManaged } = context.profile;
  const found = new Map<string, RemoteResource>();
  const { isUnfiltered = false, isExact = () => true } = lookup;
  let isIgnored = isUnfiltered;
  let isUnknown = false;
  let isEnded = false;
  let exact = 0;
  let refusal: ProviderFailure | undefined;
  let pages = 0;
  const ask = (parameters: Parameters) => askPage(context, lookup, parameters, pages > 0);
  for await (const { page, isShort, isLast } of readPages(ask, paging, wanted)) {
    pages += 1;
    for (const match of page.matching) found.set(match.id, match);
    exact = [...found.values()].filter(({ resource }) => isExact(resource)).length;
    isIgnored ||= page.matching.length < page.shown;
    const isFull = readsMarkManaged && page.shown >= Math.min(enough, paging.maxCount);
    isUnknown = isIgnored && (isShort || isFull);
    isEnded = isLast && page.shown === 0;
    refusal = page.refusal;
    if (exact > 1 || isLast || readsMarkManaged || !(isIgnored || isShort)) break;
    // Behind a cursor the count has to stay as it was: for larger pages the list is begun anew.
    if (isIgnored && page.nextCursor !== undefined && wanted < paging.maxCount)
      return readMatches(context, lookup, paging.maxCount);
  }
  // Where the list had no more to show, one match is the match, whatever the total says.
  isUnknown &&= found.size === 0 || (exact < 2 && !isEnded);
  if (isUnknown && refusal) throw refusal;
  return { found: [...found.values()], isUnknown, isReadOn: pages > 1 };
};

const askPage = async (
  context: ScimContext,
  { collection, attribute, value, matches, isUnfiltered, parameters = {} }: Lookup,
  place: Parameters,
  isReadOn: boolean,
): Promise<MatchedPage> => {
  const filter = isUnfiltered ? {} : { filter: equals(attribute, value) };
  try {
    return await context.call({
      method: "GET",
      path: `/${collection}?${queryOf({ ...filter, ...place, ...parameters })}`,
      read: (answer) => {
        const { resources, total, nextCursor } = readList(answer);
        if (resources.length > maxIds) throw new Unreadable(`with more than ${maxIds} resources on one page`);
        return {
          matching: resources.filter(matches).map((resource) => toRemote(resource, collection)),
          shown: resources.length,
          ids: resources.map(
            (resource) =>
              idOfResource(resource, collection) ?? `without id: ${asText(readKey(resource, attribute))}`,
          ),
          total,
          nextCursor,
        };
      },
    });
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    if (isReadOn && error.kind === "out-of-time") throw tooSlow(attribute);
    const emptyPage = { matching: [], shown: 0, ids: [], total: undefined, nextCursor: undefined };
    if (isPastEnd(place, error, isReadOn)) return { ...emptyPage, refusal: error };
    const isNobody = !isReadOn && error.status === 404 && (await probeList(context, collection));
    if (!isNobody) throw error;
    return emptyPage;
  }
};

/** A cursor that is refused is lost, and no end. */
const isPastEnd = ({ cursor }: Parameters, { status }: ProviderFailure, isReadOn: boolean): boolean =>
  isReadOn && cursor === undefined && (status === 400 || status === 404);

const tooSlow = (attribute: string): ProviderFailure =>
  new ProviderFailure(
    "out-of-time",
    `The time of the call was over before the whole list was read, which is needed since the service provider ignores the filter on ${attribute}`,
  );

const ignoredFilter = (attribute: string): ProviderFailure =>
  new ProviderFailure(
    "malformed",
    `The service provider ignored the filter on ${attribute} and did not show everything: whether there is a match cannot be said`,
    { status: 200 },
  );
