import { decodeCursor, encodeCursor, type Page, type PageOf, pageOf } from "../common/cursor.ts";
import { copyOf } from "./request.ts";

/**
 * One page of a list, in the order of its ids, which are of the form `places` where they are no ids of callers. Throws
 * Failure `invalid-cursor` as the tables' lists do.
 */
export const listPage = <T>(
  list: string,
  items: Iterable<T>,
  idOf: (item: T) => string,
  { limit, cursor, places }: Page & { places?: RegExp },
): PageOf<T> => {
  const after = decodeCursor(list, cursor, places);
  const sorted = [...items].toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  const rest = sorted.filter((item) => after === undefined || idOf(item) > after);
  return copyOf(pageOf(rest, limit, (last) => encodeCursor(list, idOf(last))));
};
