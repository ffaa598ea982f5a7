import type { Page, PageOf } from "./cursor.ts";

/** A list, row by row. */
export type Listing<R, T> = {
  /** One page of rows, in order; it may hold fewer than its limit, none even, where more follow. */
  read(page: Page): Promise<PageOf<R>>;
  /** What is shown of each row; undefined where the filters leave it out. */
  show(rows: R[]): Promise<(T | undefined)[]>;
  /** The cursor behind a row. */
  cursorAt(row: R): string;
  /** Whether most rows may be left out. */
  isFiltered: boolean;
  /** Unix ms. */
  now(): number;
};

/** An answer of a Lambda ends at 6 MB, and carries the JSON of the page as a JSON text, which escapes it once more. */
export const maxPageBytes = 4_000_000;
const escapedShare = 0.7;
export const maxPageMs = 5_000;
/** Rows hold up to 400 KB each. */
const rowsAtOnce = 100;

/** What an item adds to the size of its page. */
export const pageBytes = (item: unknown): number => {
  const json = JSON.stringify(item);
  return Math.max(Buffer.byteLength(json), Buffer.byteLength(JSON.stringify(json)) * escapedShare) + 1;
};

/**
 * A page of `limit` items that the filters leave; fewer, with a cursor, where 4 MB or 5 s were reached first. Without a
 * cursor there is no more.
 */
export const fillPage = async <R, T>(
  { limit, cursor }: Page,
  { read, show, cursorAt, isFiltered, now }: Listing<R, T>,
): Promise<PageOf<T>> => {
  const endAt = now() + maxPageMs;
  const page: Filling<T> = { items: [], limit, bytes: 0 };
  let at = cursor;
  for (;;) {
    const count = isFiltered ? rowsAtOnce : Math.min(rowsAtOnce, limit - page.items.length);
    const { items: rows, nextCursor: next } = await read({ limit: count, ...(at && { cursor: at }) });
    const taken = addTo(page, await show(rows));
    const isWhole = taken === rows.length;
    if (isWhole && next === undefined) return { items: page.items };
    const last = rows[taken - 1];
    at = isWhole ? next : last === undefined ? at : cursorAt(last);
    const isFull = !isWhole || page.items.length === limit;
    if (at !== undefined && (isFull || now() >= endAt)) return { items: page.items, nextCursor: at };
  }
};

type Filling<T> = { items: T[]; limit: number; bytes: number };

/** Adds what is shown of rows to the page until it is full. @returns how many rows are dealt with */
const addTo = <T>(page: Filling<T>, shown: (T | undefined)[]): number => {
  for (const [index, item] of shown.entries()) {
    if (page.items.length === page.limit) return index;
    if (item === undefined) continue;
    page.bytes += pageBytes(item);
    if (page.items.length > 0 && page.bytes > maxPageBytes) return index;
    page.items.push(item);
  }
  return shown.length;
};
