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
  parameters?: Record<string, string>;
  /** The whole list is asked for, and compared on our side. */
  isUnfiltered?: true;
};

/** `declined`: in place of the first page came a refusal that may be one of the filter. */
type MatchedPage = Page & { matching: RemoteResource[]; declined?: ProviderFailure };

/**
 * The resources that really match; two exact ones are enough to tell that there are several. One page tells it where the
 * filter is honoured. Where it is ignored or declined (RFC 7644 §3.4.2.2 lets a provider do so) the list is read to its
 * end, as a match may be anywhere in it; where that cannot be done, or the list holds more than it shows, it is a failure:
 * an empty answer would be followed by a duplicate. A list is not read where reading marks what is read as managed.
 */
export const lookUp = async (context: ScimContext, lookup: Lookup): Promise<RemoteResource[]> => {
  const first = await restartLostCursor(() => readMatches(context, lookup));
  // A list without an order shows some twice and others never; few sort unless asked to (RFC 7644 §3.4.2.3).
  const isOrdered = !first.isUnknown || !first.isReadOn;
  const { found, isUnknown } = isOrdered
    ? first
    : await restartLostCursor(() => readMatches(context, sorted(first.asked)));
  if (isUnknown) throw incomplete(first.asked);
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
  /** With the filter, or without it where it was declined. */
  asked: Lookup;
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
  let isIgnored = lookup.isUnfiltered === true;
  let isUnknown = false;
  let isEnded = false;
  let exact = 0;
  let refusal: ProviderFailure | undefined;
  let pages = 0;
  const ask = (parameters: Parameters) => askPage(context, lookup, parameters, pages > 0);
  for await (const { page, isShort, isLast } of readPages(ask, paging, wanted)) {
    pages += 1;
    if (page.declined) return readUnfiltered(context, lookup, page.declined);
    for (const match of page.matching) found.set(match.id, match);
    exact = exactIn([...found.values()], lookup);
    isIgnored ||= page.matching.length < page.shown;
    isUnknown = isIgnored && (isShort || isFull(page, context));
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
  return { asked: lookup, found: [...found.values()], isUnknown, isReadOn: pages > 1 };
};

/** Where the list is not read on, a full page may not be all. */
const isFull = ({ shown }: Page, { profile: { paging, readsMarkManaged } }: ScimContext): boolean =>
  readsMarkManaged && shown >= Math.min(enough, paging.maxCount);

const exactIn = (found: RemoteResource[], { isExact = () => true }: Lookup): number =>
  found.filter(({ resource }) => isExact(resource)).length;

const readUnfiltered = async (context: ScimContext, lookup: Lookup, declined: ProviderFailure) => {
  try {
    return await readMatches(context, { ...lookup, isUnfiltered: true });
  } catch (error) {
    // Refused as well: it was not about the filter.
    throw error instanceof ProviderFailure && error.kind === "rejected" ? declined : error;
  }
};

/** 400 invalidFilter is the plain word; others answer 400, 403 or 501 without one, as to much else. */
const isDeclined = ({ kind, status = 0, isOfTokenEndpoint }: ProviderFailure): boolean =>
  kind === "rejected" && [400, 403, 501].includes(status) && !isOfTokenEndpoint;

const askPage = async (
  context: ScimContext,
  lookup: Lookup,
  place: Parameters,
  isReadOn: boolean,
): Promise<MatchedPage> => {
  const { collection, attribute, value, matches, parameters = {}, isUnfiltered } = lookup;
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
    if (isReadOn && error.kind === "out-of-time") throw tooSlow(lookup);
    const emptyPage = { matching: [], shown: 0, ids: [], total: undefined, nextCursor: undefined };
    if (isPastEnd(place, error, isReadOn)) return { ...emptyPage, refusal: error };
    if (!isReadOn && !isUnfiltered && isDeclined(error) && !context.profile.readsMarkManaged)
      return { ...emptyPage, declined: error };
    const isNobody = !isReadOn && error.status === 404 && (await probeList(context, collection));
    if (!isNobody) throw error;
    return emptyPage;
  }
};

/** A cursor that is refused is lost, and no end. */
const isPastEnd = ({ cursor }: Parameters, { status }: ProviderFailure, isReadOn: boolean): boolean =>
  isReadOn && cursor === undefined && (status === 400 || status === 404);

const tooSlow = (lookup: Lookup): ProviderFailure =>
  new ProviderFailure(
    "out-of-time",
    `The time of the call was over before the whole list of ${lookup.collection} was read, which is needed since the service provider ${lookup.isUnfiltered ? "declines" : "ignores"} the filter on ${lookup.attribute}`,
  );

const incomplete = (lookup: Lookup): ProviderFailure =>
  new ProviderFailure(
    "malformed",
    `The service provider ${lookup.isUnfiltered ? "declined" : "ignored"} the filter on ${lookup.attribute} and did not show everything: whether there is a match cannot be said`,
    { status: 200 },
  );
