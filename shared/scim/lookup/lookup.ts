import type { RemoteResource } from "../../model/attributes.ts";
import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import type { ScimContext } from "../exchange/scim-request.ts";
import { askPage, type Lookup } from "./ask-page.ts";
import { type Page, type Parameters, readPages } from "./pages.ts";
import { restartLostCursor } from "./restart-lost-cursor.ts";

/** Enough to show duplicates, little enough for a provider that marks whatever it returns. */
const enough = 10;

/**
 * The resources that really match; two exact ones are enough to tell that there are several. One page tells it where
 * the filter is honoured. Where it is ignored or declined (RFC 7644 §3.4.2.2 lets a provider do so) the list is read to
 * its end, as a match may be anywhere in it; where that cannot be done, or the list holds more than it shows, it is a
 * failure: an empty answer would be followed by a duplicate. A list is not read where reading marks what is read as
 * managed.
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
 * The same by the list, whole or its first `pages`, for where the filter has found nothing and a creation is a conflict,
 * or in doubt. Nothing is read where that marks what is read as managed.
 */
export const lookUpInList = async (
  context: ScimContext,
  lookup: Lookup,
  pages?: number,
): Promise<RemoteResource[]> =>
  context.profile.readsMarkManaged ? [] : lookUp(context, { ...lookup, isUnfiltered: true, pages });

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
    const isEnough = pages === lookup.pages;
    isUnknown = isIgnored && !isEnough && (isShort || isFull(page, context));
    isEnded = isLast && page.shown === 0;
    refusal = page.refusal;
    if (exact > 1 || isLast || isEnough || readsMarkManaged || !(isIgnored || isShort)) break;
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

const incomplete = (lookup: Lookup): ProviderFailure =>
  new ProviderFailure(
    "malformed",
    `The service provider ${lookup.isUnfiltered ? "declined" : "ignored"} the filter on ${lookup.attribute} and did not show everything: whether there is a match cannot be said`,
    { status: 200 },
  );
