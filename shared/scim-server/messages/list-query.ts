import type { Filter } from "../filter/filter.ts";
import type { Projection } from "./projection.ts";

/** Which part of the list: from a place counted from 1, or after a cursor (RFC 9865), "" being its beginning. */
export type PageQuery = { count: number } & ({ startIndex: number } | { cursor: string });

/** What a GET of a collection or a `/.search` asks for. */
export type ListQuery = { filter?: Filter; page: PageQuery; projection: Projection };
