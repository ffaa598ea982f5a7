import { decodeCursor, encodeCursor, type Page, type PageOf, pageOf } from "../common/cursor.ts";
import type { Source, SourceDetail, SourceStatus, SourceToken, SourceView } from "../model/source.ts";
import { sourcesList } from "../provisioning/ports/list-names.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { existingSource } from "./change-source.ts";

/** Sources, the oldest first. `baseUrl`: where SCIM in is called. */
export const listSources = async (
  { sources }: Pick<Ports, "sources">,
  baseUrl: string,
  { limit, cursor }: Page,
): Promise<PageOf<SourceView>> => {
  const after = decodeCursor(sourcesList, cursor) ?? "";
  const rest = (await sources.all()).filter(({ sourceId, deleted }) => !deleted && sourceId > after);
  const page = pageOf(rest, limit, ({ sourceId }) => encodeCursor(sourcesList, sourceId));
  const status = await sources.statusOf(page.items.map(({ sourceId }) => sourceId));
  return {
    ...page,
    items: page.items.map((source) => toSourceView(source, baseUrl, status.get(source.sourceId))),
  };
};

/**
 * One source, with what it owns, and what it was told last.
 * @throws Failure `not-found`
 */
export const getSource = async (
  ports: Pick<Ports, "sources" | "owned">,
  baseUrl: string,
  sourceId: string,
): Promise<SourceDetail> => {
  const source = await existingSource(ports, sourceId);
  const [status, users, groups] = await Promise.all([
    ports.sources.statusOf([sourceId]),
    ports.owned.count(sourceId, "user"),
    ports.owned.count(sourceId, "group"),
  ]);
  const { lastRequest, lastError } = status.get(sourceId) ?? {};
  return {
    ...toSourceView(source, baseUrl, status.get(sourceId)),
    counts: { users, groups },
    ...(lastRequest && { lastRequest }),
    ...(lastError && { lastError }),
  };
};

/** The source as callers see it: of its tokens what tells one from the other. */
export const toSourceView = (
  { sourceId, name, kind, onDelete, linkByEmail, tokens, createdAt, updatedAt, version }: Source,
  scimBaseUrl: string,
  status?: SourceStatus,
): SourceView => ({
  ...{ sourceId, name, kind, onDelete, linkByEmail, scimBaseUrl },
  tokens: tokens.map((token) => toTokenView(token, status)),
  ...{ createdAt, updatedAt, version },
});

export const toTokenView = (
  { tokenId, hint, createdAt, expiresAt }: SourceToken,
  status?: SourceStatus,
): SourceView["tokens"][number] => {
  const lastUsedAt = status?.tokenUses[tokenId];
  return {
    ...{ tokenId, hint, createdAt },
    ...(lastUsedAt !== undefined && { lastUsedAt }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
};
