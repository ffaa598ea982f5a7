import type { Source, SourceStatus } from "../model/source.ts";
import type { SourceStore, TokenClaim } from "../provisioning/ports/source-store.ts";
import { copyOf, type Request } from "./request.ts";

export type SourceItems = {
  sources: Map<string, Source>;
  tokens: Map<string, TokenClaim>;
  status: Map<string, SourceStatus & { errorAt?: number }>;
};
export const emptySources = (): SourceItems => ({ sources: new Map(), tokens: new Map(), status: new Map() });

const useEachMs = 60_000;
const errorEachMs = 1_000;

/** Sources in memory, and the hashes of their tokens. */
export const memorySourceStore = (
  { sources, tokens, status }: SourceItems,
  request: Request,
): SourceStore => ({
  read: (sourceId) => request(`read source ${sourceId}`, () => copyOf(sources.get(sourceId))),
  all: () =>
    request("list sources", () =>
      copyOf([...sources.values()].toSorted((a, b) => (a.sourceId < b.sourceId ? -1 : 1))),
    ),

  save: (source) =>
    request(`save source ${source.sourceId}`, () => {
      const { sourceId, version } = source;
      if ((sources.get(sourceId)?.version ?? 0) !== version) return undefined;
      sources.set(sourceId, copyOf({ ...source, version: version + 1 }));
      return copyOf(sources.get(sourceId));
    }),

  recorded: (sourceId, version) =>
    request(`note source ${sourceId} as recorded`, () => {
      const source = sources.get(sourceId);
      if (source?.version === version) delete source.unrecorded;
    }),

  remove: (sourceId, version) =>
    request(`remove source ${sourceId}`, () => {
      if (sources.get(sourceId)?.version !== version) return;
      sources.delete(sourceId);
      status.delete(sourceId);
    }),

  tokenOf: (hash) => request("read token", () => copyOf(tokens.get(hash))),

  claimToken: (hash, mine, instead) =>
    request("claim token", () => {
      const held = tokens.get(hash);
      const isSeen = held?.tokenId === instead?.tokenId && held?.at === instead?.at;
      if (held && held.tokenId !== mine.tokenId && !isSeen) return copyOf(held);
      tokens.set(hash, copyOf(mine));
      return mine;
    }),

  releaseToken: (hash, tokenId) =>
    request("release token", () => {
      if (tokens.get(hash)?.tokenId === tokenId) tokens.delete(hash);
    }),

  statusOf: (sourceIds) =>
    request("read status of sources", () => {
      const found = sourceIds.flatMap((id) => {
        const kept = status.get(id);
        if (!kept) return [];
        const { errorAt: _, ...shown } = copyOf(kept);
        return [[id, shown] as const];
      });
      return new Map(found);
    }),

  noteRequest: (sourceId, { tokenId, error, ...answered }) =>
    request(`note a request of ${sourceId}`, () => {
      const before = status.get(sourceId) ?? { tokenUses: {} };
      const at = Date.parse(answered.at);
      const last = error ? before.errorAt : Date.parse(before.tokenUses[tokenId] ?? "");
      const isTooSoon = last !== undefined && last > at - (error ? errorEachMs : useEachMs);
      if (isTooSoon) return;
      status.set(sourceId, {
        ...before,
        lastRequest: answered,
        tokenUses: { ...before.tokenUses, [tokenId]: answered.at },
        ...(error && { lastError: { ...answered, ...error }, errorAt: at }),
      });
    }),
});
