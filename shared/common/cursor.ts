import { Failure } from "../model/failure.ts";

/** What is asked of a list: so many items, from the cursor on. */
export type Page = { limit: number; cursor?: string };
/** Without `nextCursor` there is no more. */
export type PageOf<T> = { items: T[]; nextCursor?: string };

/** An id as callers may choose them: anything else could not be part of a key. */
const id = /^[A-Za-z0-9._@:+-]{1,128}$/;

/**
 * A cursor is the place after which a list goes on, with the name of the list. It grants nothing: a forged one only
 * moves its sender inside the same list.
 */
export const encodeCursor = (list: string, place: string): string =>
  Buffer.from(JSON.stringify([list, place])).toString("base64url");

/** The place of a cursor, if there is one. Throws Failure `invalid-cursor` where it is broken, or of another list. */
export const decodeCursor = (
  list: string,
  cursor: string | undefined,
  places: RegExp = id,
): string | undefined => {
  if (cursor === undefined) return undefined;
  const [of, place] = parse(cursor);
  if (of !== list || typeof place !== "string" || !places.test(place))
    throw new Failure("invalid-cursor", "The cursor is not one of this list. Start again without it.");
  return place;
};

const parse = (cursor: string): unknown[] => {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
};

/** A page of what was read with one more than `limit`: the surplus tells that the list goes on after `cursorAt`. */
export const pageOf = <T>(read: T[], limit: number, cursorAt: (last: T) => string): PageOf<T> => {
  const items = read.slice(0, limit);
  const last = items.at(-1);
  return { items, ...(read.length > limit && last !== undefined ? { nextCursor: cursorAt(last) } : {}) };
};
