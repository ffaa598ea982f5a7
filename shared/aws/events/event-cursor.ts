import { createHash } from "node:crypto";
import { Failure } from "../../model/failure.ts";
import type { EventQuery } from "../../provisioning/ports/event-log.ts";

/**
 * A cursor is the place in time order up to which a query has looked (a sort key, or the start of a month), with a
 * fingerprint of the query. It holds no right: whoever forges one only moves inside their own query.
 */
export const encodeCursor = (query: EventQuery, position: string): string =>
  Buffer.from(JSON.stringify([fingerprint(query), position])).toString("base64url");

/** The place to go on from. Throws Failure `invalid-cursor` where the cursor is broken or of another query. */
export const decodeCursor = (query: EventQuery, cursor: string): string => {
  const [print, position] = parse(cursor);
  if (print !== fingerprint(query) || typeof position !== "string" || !/^\d{4}-\d{2}-\d{2}T/.test(position))
    throw new Failure("invalid-cursor", "The cursor is not one of this query. Start again without it.");
  return position;
};

const parse = (cursor: string): unknown[] => {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
};

/** All but `limit` and `cursor`: a page may have another size than the one before. */
const fingerprint = (query: EventQuery): string => {
  const { limit: _, cursor: __, ...conditions } = query;
  const sorted = Object.entries(conditions)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("base64url").slice(0, 16);
};
