import type { JsonObject } from "../../model/json.ts";

const listSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/** A page that was asked for by its place, counted from 1 (RFC 7644 §3.4.2.4). `totalResults` are those of all pages. */
export const indexedList = (
  resources: JsonObject[],
  { totalResults, startIndex }: { totalResults: number; startIndex: number },
): JsonObject => ({
  schemas: [listSchema],
  totalResults,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});

/** A page that was asked for by a cursor (RFC 9865 §2). Without `nextCursor` it is the last; the total may be unknown. */
export const cursoredList = (
  resources: JsonObject[],
  { nextCursor, totalResults }: { nextCursor?: string | undefined; totalResults?: number | undefined },
): JsonObject => ({
  schemas: [listSchema],
  ...(totalResults !== undefined && { totalResults }),
  itemsPerPage: resources.length,
  ...(nextCursor !== undefined && { nextCursor }),
  Resources: resources,
});
