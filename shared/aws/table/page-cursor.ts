import { Failure } from "../../model/failure.ts";
import type { PageOf } from "../../provisioning/ports/link-store.ts";

/**
 * A cursor is the id after which a list goes on, with the name of the list. It holds no right and no key: whoever
 * forges one moves inside the same list.
 */
export const encodeCursor = (list: string, after: string): string =>
  Buffer.from(JSON.stringify([list, after])).toString("base64url");

/** The id to go on after. Throws Failure `invalid-cursor` where the cursor is broken or of another list. */
export const decodeCursor = (list: string, cursor: string | undefined): string | undefined => {
  if (cursor === undefined) return undefined;
  const [of, after] = parse(cursor);
  // An id as callers may choose them: anything else could not be part of a key.
  if (of !== list || typeof after !== "string" || !/^[A-Za-z0-9._@:+-]{1,128}$/.test(after)) {
    throw new Failure("invalid-cursor", "The cursor is not one of this list. Start again without it.");
  }
  return after;
};

const parse = (cursor: string): unknown[] => {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
};

/** A page of what was read with one more than `limit`: the surplus tells that the list goes on. */
export const pageOf = <T, R>(
  read: T[],
  limit: number,
  cursorAt: (last: T) => string,
  items: (page: T[]) => R[],
): PageOf<R> => {
  const page = read.slice(0, limit);
  const last = page.at(-1);
  const nextCursor = read.length > limit && last !== undefined ? { nextCursor: cursorAt(last) } : {};
  return { items: items(page), ...nextCursor };
};
