import { asText, readKey } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import type { JsonObject } from "../../model/json.ts";
import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import type { Collection, ScimContext } from "../exchange/scim-request.ts";
import { idOfResource, readList, toRemote, Unreadable } from "../messages/answers.ts";
import { equals, queryOf } from "../messages/filter.ts";
import { maxIds, type Page, type Parameters } from "./pages.ts";
import { probeList } from "./probe-list.ts";

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
  /** No more than so many pages are read, whatever is behind them. */
  pages?: number | undefined;
};

/** `declined`: in place of the first page came a refusal that may be one of the filter. */
type MatchedPage = Page & { matching: RemoteResource[]; declined?: ProviderFailure };

/** One page of the list that a look-up asks for, with what matches. `isReadOn`: it is not the first one. */
export const askPage = async (
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

/** 400 invalidFilter is the plain word; others answer 400, 403 or 501 without one, as to much else. */
const isDeclined = ({ kind, status = 0, isOfTokenEndpoint }: ProviderFailure): boolean =>
  kind === "rejected" && [400, 403, 501].includes(status) && !isOfTokenEndpoint;

/** A cursor that is refused is lost, and no end. */
const isPastEnd = ({ cursor }: Parameters, { status }: ProviderFailure, isReadOn: boolean): boolean =>
  isReadOn && cursor === undefined && (status === 400 || status === 404);

const tooSlow = (lookup: Lookup): ProviderFailure =>
  new ProviderFailure(
    "out-of-time",
    `The time of the call was over before the whole list of ${lookup.collection} was read, which is needed since the service provider ${lookup.isUnfiltered ? "declines" : "ignores"} the filter on ${lookup.attribute}`,
  );
