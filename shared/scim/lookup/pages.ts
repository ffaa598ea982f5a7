import type { Profile } from "../../model/profile.ts";
import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";

type Paging = Profile["paging"];
export type Parameters = Record<string, string | number>;

/** An answer's place in its list. `itemsPerPage` is not looked at: many state the count that was asked for. */
export type Page = {
  /** Resources in the answer. */
  shown: number;
  /** What tells them apart: their ids. */
  ids: string[];
  total: number | undefined;
  nextCursor: string | undefined;
  /** In place of the page came a refusal: some providers have no page behind the last one. */
  refusal?: ProviderFailure;
};

/** Far more than the time of a call allows; what they bound is memory, and a list that never ends. */
const maxPages = 1_000;
export const maxIds = 50_000;
/**
 * A page may be empty and yet not the last one behind a cursor, since some providers filter page by page. Not for ever.
 */
const maxEmptyPages = 100;

/** The first page, as the provider wants it asked for. A bare `cursor` is the first one (RFC 9865 §2). */
export const firstPage = ({ style, maxCount }: Paging, wanted: number): Parameters => {
  const count = Math.min(wanted, maxCount);
  if (style === "none") return {};
  return style === "cursor" ? { cursor: "", count } : { startIndex: 1, count };
};

/**
 * The page behind this one. A cursor is followed even where it was not asked for, with all else as it was (RFC 9865
 * §2); where there is none any more, or one that was followed before, the list is at its end. An index goes on by as
 * many as came, since counts are clamped.
 */
export const nextPage = (
  asked: Parameters,
  { shown, nextCursor }: Pick<Page, "shown" | "nextCursor">,
  { maxCount }: Paging,
  followed: Set<string>,
): Parameters | undefined => {
  if (nextCursor !== undefined) {
    const isNew = followed.size < followed.add(nextCursor).size;
    return isNew ? { ...asked, cursor: nextCursor } : undefined;
  }
  if (typeof asked.startIndex !== "number" || asked.cursor !== undefined || shown === 0) return undefined;
  return { ...asked, startIndex: asked.startIndex + shown, count: maxCount };
};

/**
 * The pages of a list, one at a time, for as long as the reader wants more. `isShort`: by its own word the list holds
 * more than has been shown so far. `isLast`: there is no way on. A `totalResults` ends nothing, since it is the page's
 * size here and a limit there; an empty page does, one that is refused, and one that brings nothing new. A refusal may
 * have another reason: the list is short where the page before it tells of more, or is full and tells nothing.
 */
export async function* readPages<P extends Page>(
  ask: (parameters: Parameters) => Promise<P>,
  paging: Paging,
  wanted: number,
): AsyncGenerator<{ page: P; isShort: boolean; isLast: boolean }> {
  const seen = new Set<string>();
  const followed = new Set<string>();
  let before = { isShort: false, isFull: false };
  let emptyPages = 0;
  let asked: Parameters | undefined = firstPage(paging, wanted);
  for (let pages = 1; asked !== undefined; pages += 1) {
    if (pages > maxPages || seen.size > maxIds || emptyPages > maxEmptyPages)
      throw endless(pages - 1, seen.size);
    const page: P = await ask(asked);
    emptyPages = page.shown === 0 ? emptyPages + 1 : 0;
    const known = seen.size;
    for (const id of page.ids) seen.add(id);
    const isNothingNew = page.shown > 0 && seen.size === known;
    const isShort: boolean = page.refusal
      ? before.isShort || before.isFull
      : page.nextCursor !== undefined || (page.total ?? 0) > seen.size;
    before = { isShort, isFull: page.total === undefined && page.shown >= Number(asked.count) };
    asked = isNothingNew ? undefined : nextPage(asked, page, paging, followed);
    yield { page, isShort, isLast: asked === undefined };
  }
}

const endless = (pages: number, resources: number): ProviderFailure =>
  new ProviderFailure(
    "malformed",
    `The service provider's list is too large to be read, which a lookup needs where the filter does not work: it did not end within ${resources} resources on ${pages} pages. For users, userFilter chooses another filter`,
    { status: 200 },
  );
