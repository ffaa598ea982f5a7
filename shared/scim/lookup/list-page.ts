import type { RemoteResource } from "../../model/attributes.ts";
import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import type { ListPage, ListPlace } from "../../provisioning/ports/service-provider.ts";
import type { Collection, ScimContext } from "../exchange/scim-request.ts";
import { idOfResource, readList } from "../messages/answers.ts";
import { queryOf } from "../messages/filter.ts";
import { firstPage, nextPage } from "./pages.ts";

/** What stays out of the answers, once they are too large with it. */
const withoutMembers = { excludedAttributes: "members" };

/**
 * One page of the whole list, from `place` on. Behind the last page some providers refuse: then it is empty and has no next.
 * A resource without a usable id is left out. Where a page of groups cannot be read, e.g. since it is too large, it is asked
 * for without members, and so are those behind it.
 */
export const listPage = async (
  context: ScimContext,
  collection: Collection,
  place?: ListPlace,
): Promise<ListPage<RemoteResource>> => {
  const { paging } = context.profile;
  const asked = place ?? firstPage(paging, paging.maxCount);
  try {
    return await askPage(context, collection, asked);
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    if (isPastEnd(place, error)) return { items: [], total: undefined };
    const mayBeTooLarge = error.kind === "malformed" && collection === "Groups";
    if (!mayBeTooLarge || asked.excludedAttributes !== undefined) throw error;
    return askPage(context, collection, { ...asked, ...withoutMembers });
  }
};

const askPage = (
  { call, profile: { paging } }: ScimContext,
  collection: Collection,
  asked: ListPlace,
): Promise<ListPage<RemoteResource>> =>
  call({
    method: "GET",
    path: `/${collection}?${queryOf(asked)}`,
    read: (answer) => {
      const { resources, total, nextCursor } = readList(answer);
      const items = resources.flatMap((resource) => {
        const id = idOfResource(resource, collection);
        return id === undefined ? [] : [{ id, resource }];
      });
      const page = { shown: resources.length, nextCursor };
      const next = nextPage(asked, page, paging, new Set([String(asked.cursor)]));
      return { items, total, ...(next && { next }) };
    },
  });

/** A cursor that is refused is lost, and no end. */
const isPastEnd = (place: ListPlace | undefined, { status }: ProviderFailure): boolean =>
  place !== undefined && place.cursor === undefined && (status === 400 || status === 404);
