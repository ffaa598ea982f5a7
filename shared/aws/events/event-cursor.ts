import { createHash } from "node:crypto";
import { decodeCursor, encodeCursor } from "../../common/cursor.ts";
import { omit, present } from "../../common/objects.ts";
import type { EventQuery } from "../../provisioning/ports/event-log.ts";

/** A query's cursor holds the place in time order up to which it has looked: a sort key, or the start of a month. */
export const encodeEventCursor = (query: EventQuery, position: string): string =>
  encodeCursor(fingerprint(query), position);

/** The place to go on from, if the query has a cursor. Throws Failure `invalid-cursor` for one of another query. */
export const decodeEventCursor = (query: EventQuery): string | undefined =>
  decodeCursor(fingerprint(query), query.cursor, /^\d{4}-\d{2}-\d{2}T/);

/** All but `limit` and `cursor`: a page may have another size than the one before. */
const fingerprint = (query: EventQuery): string => {
  const conditions = Object.entries(present(omit(query, "limit", "cursor")));
  const sorted = conditions.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("base64url").slice(0, 16);
};
