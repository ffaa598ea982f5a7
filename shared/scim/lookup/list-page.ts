import type { RemoteResource } from "../../model/attributes.ts";
import type { Profile } from "../../model/profile.ts";
import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import type { ListPage, ListPlace } from "../../provisioning/ports/service-provider.ts";
import type { Collection, ScimContext } from "../exchange/scim-request.ts";
import { idOfResource, readList } from "../messages/answers.ts";
import { queryOf } from "../messages/filter.ts";
import { firstPage, nextPage } from "./pages.ts";

/** What stays out of the answers, once they are too large with it. */
const withoutMembers = { excludedAttributes: "members" };
const names = { Users: "userName", Groups: "displayName" } as const;

/**
 * One page of the whole list, from `place` on. A list ends where its total says so; `isDoubted`: whatever that says, and in
 * an order, for a list that has shown little of what is there. Behind the last page some providers refuse: then it is empty.
 * A resource without a usable id is left out. Where a page of groups cannot be read, e.g. since it is too large, it is asked
 * for without members, and so are those behind it.
 */
export const listPage = async (
  context: ScimContext,
  collection: Collection,
  place?: ListPlace,
  isDoubted?: boolean,
): Promise<ListPage<RemoteResource>> => {
  const { paging } = context.profile;
  const first = firstPage(paging, paging.maxCount);
  // Few sort unless asked to (RFC 7644 §3.4.2.3).
  const isSorted = isDoubted && paging.style === "index";
  const asked = place ?? (isSorted ? { ...first, sortBy: names[collection] } : first);
  const ask = (parameters: ListPlace) => askPage(context, collection, parameters, isDoubted === true);
  try {
    return await ask(asked);
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    if (isPastEnd(place, error)) return { items: [], total: undefined };
    if (!place && isSorted && error.kind === "rejected") return ask(first);
    const mayBeTooLarge = error.kind === "malformed" && collection === "Groups";
    if (!mayBeTooLarge || asked.excludedAttributes !== undefined) throw error;
    return ask({ ...asked, ...withoutMembers });
  }
};

const askPage = (
  { call, profile: { paging } }: ScimContext,
  collection: Collection,
  asked: ListPlace,
  isDoubted: boolean,
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
      const shown = resources.length;
      if (!isDoubted && isAll(asked, paging, { shown, total, nextCursor })) return { items, total };
      const next = nextPage(asked, { shown, nextCursor }, paging, new Set([String(asked.cursor)]));
      return { items, total, ...(next && { next }) };
    },
  });

/** Whether the total is what was shown up to here. That of a full first page may be its size alone. */
const isAll = (
  { startIndex, count }: ListPlace,
  { style }: Profile["paging"],
  { shown, total, nextCursor }: { shown: number; total: number | undefined; nextCursor: string | undefined },
): boolean =>
  style === "index" &&
  nextCursor === undefined &&
  total === Number(startIndex) - 1 + shown &&
  !(startIndex === 1 && shown >= Number(count));

/** A cursor that is refused is lost, and no end. */
const isPastEnd = (place: ListPlace | undefined, { status }: ProviderFailure): boolean =>
  place !== undefined && place.cursor === undefined && (status === 400 || status === 404);
