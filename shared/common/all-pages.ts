import type { Page, PageOf } from "./cursor.ts";

/** The items of a list up to its end, page by page. */
export async function* allPages<T>(
  read: (page: Page) => Promise<PageOf<T>>,
  limit: number,
): AsyncGenerator<T[]> {
  let cursor: string | undefined;
  do {
    const page = await read({ limit, ...(cursor && { cursor }) });
    yield page.items;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
