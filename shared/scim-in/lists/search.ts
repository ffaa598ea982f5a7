import { allPages } from "../../common/all-pages.ts";
import type { SavedGroup, SavedUser } from "../../model/directory.ts";
import type { JsonObject } from "../../model/json.ts";
import { badRequest } from "../../scim-server/errors/scim-error.ts";
import type { Filter } from "../../scim-server/filter/filter.ts";
import { keyTerms } from "../../scim-server/filter/key-terms.ts";
import { matches } from "../../scim-server/filter/matches.ts";
import type { ListQuery } from "../../scim-server/messages/read-list-query.ts";
import type { Asking } from "../access/asking.ts";
import { membersAskedFor } from "./members-asked-for.ts";
import { pageOfFound, pageOfMany } from "./result-page.ts";
import type { SearchedKind } from "./searched-kind.ts";

/** A list that no key answers is read up to so many, so that it costs little whoever asks. */
const mostRead = 1000;

/**
 * The list that is asked for (RFC 7644 §3.4.2). A filter is answered by a key, or else of sources of up to 1,000 objects; without
 * one the list of many is read page by page, and a page by a cursor costs what it holds.
 * @throws ScimError `invalidFilter`, `tooMany`; Failure `invalid-cursor`
 */
export const search = async <T extends SavedUser | SavedGroup>(
  asking: Asking,
  kind: SearchedKind<T>,
  query: ListQuery,
): Promise<JsonObject> => {
  const { filter, page } = query;
  if (filter) return pageOfFound(asking, kind, await filtered(asking, kind, filter), query);
  if ("cursor" in page) return pageOfMany(asking, kind, query);
  const few = await readFew(asking, kind);
  return few ? pageOfFound(asking, kind, few, query) : pageOfMany(asking, kind, query);
};

const filtered = async <T extends SavedUser | SavedGroup>(
  asking: Asking,
  kind: SearchedKind<T>,
  filter: Filter,
): Promise<T[]> => {
  const among = membersAskedFor(filter);
  const fitting = async (candidates: T[]): Promise<T[]> => {
    const shown = await Promise.all(candidates.map((one) => kind.show(asking, one, { among })));
    return candidates.filter((_, at) => matches(filter, shown[at] ?? {}));
  };
  const byKey = await findByKey(asking, kind, filter);
  const found = byKey ? await fitting(byKey.found) : [];
  if (byKey?.isWhole || found.length > 0) return found;
  const few = await readFew(asking, kind);
  if (few) return fitting(few);
  if (byKey) return found;
  throw badRequest(
    "tooMany",
    `The filter would have to look at more than ${mostRead} resources. Ask for one by id, externalId, userName or displayName with eq.`,
  );
};

/** The first term that has a key; one that finds all whom it could is better than one that may not. */
const findByKey = async <T extends SavedUser | SavedGroup>(
  asking: Asking,
  kind: SearchedKind<T>,
  filter: Filter,
): Promise<{ found: T[]; isWhole: boolean } | undefined> => {
  let best: { found: T[]; isWhole: boolean } | undefined;
  for (const term of keyTerms(filter).terms) {
    const answer = await kind.find(asking, term);
    if (answer?.isWhole) return answer;
    best ??= answer;
  }
  return best;
};

/** All that the source has; undefined where that is more than may be read. */
const readFew = async <T extends SavedUser | SavedGroup>(
  asking: Asking,
  kind: SearchedKind<T>,
): Promise<T[] | undefined> => {
  const { ports, source } = asking;
  const noted = await ports.owned.list(source.sourceId, kind.kind, { limit: mostRead });
  if (noted.nextCursor !== undefined) return undefined;
  const all: T[] = [];
  for await (const page of allPages((part) => kind.list(asking, part), mostRead)) all.push(...page);
  return all;
};
