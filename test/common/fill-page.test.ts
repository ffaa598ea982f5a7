import { expect, test } from "vitest";
import { decodeCursor, encodeCursor, pageOf } from "../../shared/common/cursor.ts";
import { fillPage, maxPageBytes } from "../../shared/common/fill-page.ts";

type Row = { id: string; text: string };
const idOf = (at: number) => `row-${String(at).padStart(5, "0")}`;
const rowsOf = (count: number, text = ""): Row[] =>
  Array.from({ length: count }, (_, at) => ({ id: idOf(at), text }));

/** A list of these rows. `lapseMs`: how long each read takes. */
const listOf = (
  rows: Row[],
  { isShown = (_: Row): boolean => true, isFiltered = true, lapseMs = 0 } = {},
) => {
  const reads: number[] = [];
  let now = 0;
  const cursorAt = ({ id }: Row) => encodeCursor("rows", id);
  const page = (limit: number, cursor?: string) =>
    fillPage<Row, Row>(
      { limit, ...(cursor && { cursor }) },
      {
        read: async (part) => {
          reads.push(part.limit);
          now += lapseMs;
          const after = decodeCursor("rows", part.cursor) ?? "";
          return pageOf(
            rows.filter(({ id }) => id > after),
            part.limit,
            cursorAt,
          );
        },
        show: async (found) => found.map((row) => (isShown(row) ? row : undefined)),
        cursorAt,
        isFiltered,
        now: () => now,
      },
    );
  const all = async (limit: number) => {
    const pages: Row[][] = [];
    let cursor: string | undefined;
    do {
      const { items, nextCursor } = await page(limit, cursor);
      pages.push(items);
      cursor = nextCursor;
    } while (cursor !== undefined);
    return pages;
  };
  return { page, all, reads };
};

test("the one match among many rows is on the first page", async () => {
  const rows = rowsOf(1_505);
  const { page } = listOf(rows, { isShown: ({ id }) => id === idOf(1_504) });
  expect(await page(50)).toEqual({ items: [rows[1_504]] });
});

test.each([1, 7, 50, 100, 101, 500])(
  "pages of %i hold every match once, in order, and are full",
  async (limit) => {
    const rows = rowsOf(505);
    const isShown = ({ id }: Row) => Number(id.slice(-1)) % 3 === 0;
    const pages = await listOf(rows, { isShown }).all(limit);
    expect(pages.flat()).toEqual(rows.filter(isShown));
    for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit);
  },
);

test("without a filter no more rows are read than are asked for, and a full last page has no cursor", async () => {
  const { page, reads } = listOf(rowsOf(120), { isFiltered: false });
  expect(await page(120)).not.toHaveProperty("nextCursor");
  expect(reads).toEqual([100, 20]);
});

test.each([
  ["plain text", "x".repeat(22_000)],
  ["text that is escaped twice on its way", '"\\'.repeat(11_000)],
])("a page of %s ends before an answer is too large, and the next goes on", async (_, text) => {
  const rows = rowsOf(500, text);
  const pages = await listOf(rows, { isFiltered: false }).all(500);
  expect(pages.flat()).toEqual(rows);
  expect(pages.length).toBeGreaterThan(1);
  for (const page of pages) {
    const body = JSON.stringify({ items: page });
    expect(Buffer.byteLength(body)).toBeLessThan(maxPageBytes + 100);
    expect(Buffer.byteLength(JSON.stringify({ body }))).toBeLessThan(6_000_000);
  }
});

test("a row that is larger than a page comes alone", async () => {
  const rows = rowsOf(3, "x".repeat(maxPageBytes + 1));
  expect((await listOf(rows).all(10)).map((page) => page.length)).toEqual([1, 1, 1]);
});

test("a page ends after five seconds with what it has, and the next goes on", async () => {
  const rows = rowsOf(1_000);
  const { page, all } = listOf(rows, { isShown: ({ id }) => id === idOf(999), lapseMs: 1_000 });
  expect(await page(50)).toEqual({ items: [], nextCursor: expect.any(String) });
  expect((await all(50)).flat()).toEqual([rows[999]]);
});
