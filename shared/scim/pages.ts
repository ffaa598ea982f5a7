import type { Profile } from "../model/profile.ts";
import { ProviderFailure } from "../provisioning/ports/service-provider.ts";

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
};

/** Far more than the time of a call allows; what they bound is memory, and a list that never ends. */
const maxPages = 1_000;
export const maxIds = 50_000;

/** The first page, as the provider wants it asked for. A bare `cursor` is the first one (RFC 9865 §2). */
export const firstPage = ({ style, maxCount }: Paging, wanted: number): Parameters => {
  const count = Math.min(wanted, maxCount);
  if (style === "none") return {};
  return style === "cursor" ? { cursor: "", count } : { startIndex: 1, count };
};

/**
 * The page behind this one. A cursor is followed whoever brought it up, with all else as it was (RFC 9865 §2); where
 * there is none any more, the list is at its end. An index goes on by as many as came, since counts are clamped.
 */
const nextPage = (
  asked: Parameters,
  { shown, nextCursor }: Page,
  { maxCount }: Paging,
): Parameters | undefined => {
  if (nextCursor !== undefined) return { ...asked, cursor: nextCursor };
  if (typeof asked.startIndex !== "number" || asked.cursor !== undefined || shown === 0) return undefined;
  return { ...asked, startIndex: asked.startIndex + shown, count: maxCount };
};

/**
 * The pages of a list, one at a time, for as long as the reader wants more. `isShort`: by its own word the list holds
 * more than has been shown so far. `isLast`: there is no way on. A `totalResults` ends nothing, since it is the page's
 * size here and a limit there; an empty page does, and one that brings nothing new.
 */
export async function* readPages<P extends Page>(
  ask: (parameters: Parameters) => Promise<P>,
  paging: Paging,
  wanted: number,
): AsyncGenerator<{ page: P; isShort: boolean; isLast: boolean }> {
  const seen = new Set<string>();
  let asked: Parameters | undefined = firstPage(paging, wanted);
  for (let pages = 1; asked !== undefined; pages += 1) {
    if (pages > maxPages || seen.size > maxIds) throw endless(pages - 1, seen.size);
    const page: P = await ask(asked);
    const before = seen.size;
    for (const id of page.ids) seen.add(id);
    const isNothingNew = page.shown > 0 && seen.size === before;
    asked = isNothingNew ? undefined : nextPage(asked, page, paging);
    const isShort = page.nextCursor !== undefined || (page.total ?? 0) > seen.size;
    yield { page, isShort, isLast: asked === undefined };
  }
}

const endless = (pages: number, resources: number): ProviderFailure =>
  new ProviderFailure(
    "malformed",
    `The service provider's list did not end within ${resources} resources on ${pages} pages: a lookup needs a filter that it honours (userFilter chooses another for users)`,
    { status: 200 },
  );
