import { expect, test } from "vitest";
import { allPages } from "../../shared/common/all-pages.ts";
import { pageOf } from "../../shared/common/cursor.ts";

const numbers = Array.from({ length: 5 }, (_, at) => at);

test("a list is read to its end, page by page, and no further than it is asked for", async () => {
  const asked: unknown[] = [];
  const read = async (page: { limit: number; cursor?: string }) => {
    asked.push(page);
    const after = Number(page.cursor ?? -1);
    return pageOf(
      numbers.filter((one) => one > after),
      page.limit,
      String,
    );
  };
  const pages: number[][] = [];
  for await (const page of allPages(read, 2)) pages.push(page);
  expect(pages).toEqual([[0, 1], [2, 3], [4]]);
  expect(asked).toEqual([{ limit: 2 }, { limit: 2, cursor: "1" }, { limit: 2, cursor: "3" }]);
  for await (const page of allPages(read, 2)) if (page.length > 0) break;
  expect(asked).toHaveLength(4);
});
