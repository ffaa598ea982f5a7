import { decodeCursor, encodeCursor } from "../../common/cursor.ts";
import { fillPage, maxPageBytes, pageBytes } from "../../common/fill-page.ts";
import type { SavedGroup, SavedUser } from "../../model/directory.ts";
import type { JsonObject } from "../../model/json.ts";
import { ownedList } from "../../provisioning/ports/list-names.ts";
import { cursoredList, indexedList } from "../../scim-server/messages/list-response.ts";
import { type Projection, project, showsMembers } from "../../scim-server/messages/projection.ts";
import type { ListQuery } from "../../scim-server/messages/read-list-query.ts";
import type { Asking } from "../access/asking.ts";
import type { SearchedKind } from "./searched-kind.ts";

/** A page of what was found already. It ends before it is larger than an answer may be. */
export const pageOfFound = async <T extends SavedUser | SavedGroup>(
  asking: Asking,
  kind: SearchedKind<T>,
  found: T[],
  { page, projection }: ListQuery,
): Promise<JsonObject> => {
  const list = `found ${ownedList(asking.source.sourceId, kind.kind)}`;
  const from =
    "cursor" in page
      ? Number(decodeCursor(list, page.cursor || undefined, /^\d{1,9}$/) ?? 0)
      : page.startIndex - 1;
  const show = showing(asking, kind, projection);
  const shown: JsonObject[] = [];
  let bytes = 0;
  for (const saved of found.slice(from, from + page.count)) {
    const resource = await show(saved);
    bytes += pageBytes(resource);
    if (shown.length > 0 && bytes > maxPageBytes) break;
    shown.push(resource);
  }
  const totalResults = found.length;
  if (!("cursor" in page)) return indexedList(shown, { totalResults, startIndex: page.startIndex });
  const next = from + shown.length;
  const nextCursor = next < found.length ? encodeCursor(list, String(next)) : undefined;
  return cursoredList(shown, { totalResults, nextCursor });
};

/**
 * A page of all that a source has, however much that is: by a cursor it costs what it holds; by an index the ids before it are
 * read, too, and what was changed in the last seconds may not be in the total yet.
 */
export const pageOfMany = async <T extends SavedUser | SavedGroup>(
  asking: Asking,
  kind: SearchedKind<T>,
  { page, projection }: ListQuery,
): Promise<JsonObject> => {
  const { ports, source } = asking;
  const begin = "cursor" in page ? page.cursor || undefined : await cursorAt(asking, kind, page.startIndex);
  const read = async () => {
    if (begin === "end") return { items: [] };
    if (page.count === 0) return { items: [], ...(begin !== undefined && { nextCursor: begin }) };
    const show = showing(asking, kind, projection);
    return fillPage<T, JsonObject>(
      { limit: page.count, ...(begin !== undefined && { cursor: begin }) },
      {
        read: (part) => kind.list(asking, part),
        show: (rows) => Promise.all(rows.map(show)),
        cursorAt: (row) => encodeCursor(ownedList(source.sourceId, kind.kind), kind.idOf(row)),
        isFiltered: false,
        now: () => ports.clock.now(),
      },
    );
  };
  const { items, nextCursor } = await read();
  if ("cursor" in page) return cursoredList(items, { nextCursor });
  const totalResults = await ports.owned.count(source.sourceId, kind.kind);
  return indexedList(items, { totalResults, startIndex: page.startIndex });
};

const idsAtOnce = 1000;

/** The cursor of what stands at that place, counted from 1; undefined at the beginning. */
const cursorAt = async (
  { ports, source }: Asking,
  { kind }: Pick<SearchedKind<SavedUser>, "kind">,
  startIndex: number,
): Promise<string | "end" | undefined> => {
  let cursor: string | undefined;
  for (let left = startIndex - 1; left > 0; ) {
    const limit = Math.min(left, idsAtOnce);
    const ids = await ports.owned.list(source.sourceId, kind, { limit, ...(cursor && { cursor }) });
    left -= ids.items.length;
    cursor = ids.nextCursor;
    if (cursor === undefined) return "end";
  }
  return cursor;
};

const showing = <T extends SavedUser | SavedGroup>(
  asking: Asking,
  kind: SearchedKind<T>,
  projection: Projection,
): ((saved: T) => Promise<JsonObject>) => {
  const members = showsMembers(kind.type, projection) ? "all" : "none";
  return async (saved) => project(kind.type, await kind.show(asking, saved, members), projection);
};
