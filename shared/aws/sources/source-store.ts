import { randomUUID } from "node:crypto";
import { Failure } from "../../model/failure.ts";
import type { Source } from "../../model/source.ts";
import type { SourceStore, TokenClaim } from "../../provisioning/ports/source-store.ts";
import { allSources, type Key, sourceKey, tokenKey } from "../table/keys.ts";
import { createStateTable, type TableAccess, takeFrom } from "../table/state-table.ts";
import { createSourceStatus } from "./source-status.ts";

/** Tells one's own write from another's after a lost reply. */
type SourceItem = Source & Key & { write: string };

/** Sources in one partition, each token under its hash, and an item for each source of what it did last. */
export const createSourceStore = ({
  now = Date.now,
  newId = randomUUID,
  ...access
}: TableAccess & { now?: () => number; newId?: () => string }): SourceStore => {
  const table = createStateTable(access);
  const status = createSourceStatus(access, now);
  return {
    async read(sourceId) {
      const item = await table.get<SourceItem>(sourceKey(sourceId));
      return item && toSource(item);
    },

    async all() {
      return (await takeFrom(table.pages<SourceItem>(allSources))).map(toSource);
    },

    async save({ version, ...source }) {
      const write = newId();
      const kept = { ...source, version: version + 1 };
      const unmoved =
        version === 0
          ? { when: "attribute_not_exists(#pk) OR #write = :write", values: { write } }
          : { when: "#version = :version OR #write = :write", values: { version, write } };
      const isKept = await table.put(sourceKey(source.sourceId), { ...kept, write }, unmoved);
      return isKept ? kept : undefined;
    },

    async recorded(sourceId, version) {
      await table.write(sourceKey(sourceId), "REMOVE #unrecorded", {
        when: "#version = :version",
        values: { version },
      });
    },

    async remove(sourceId, version) {
      await status.remove(sourceId);
      await table.remove(sourceKey(sourceId), { when: "#version = :version", values: { version } });
    },

    async tokenOf(hash) {
      const item = await table.get<TokenClaim>(tokenKey(hash));
      return item && toClaim(item);
    },

    async claimToken(hash, mine, instead) {
      const free = "attribute_not_exists(#pk) OR #tokenId = :tokenId";
      const condition = instead
        ? {
            when: `${free} OR (#tokenId = :theirs AND #at = :when)`,
            values: { tokenId: mine.tokenId, theirs: instead.tokenId, when: instead.at },
          }
        : { when: free, values: { tokenId: mine.tokenId } };
      if (await table.put(tokenKey(hash), mine, condition)) return mine;
      const found = await table.get<TokenClaim>(tokenKey(hash));
      if (found) return toClaim(found);
      throw new Failure("store-unavailable", "The holder of the token is changing. Call again.", {
        retryAfterSeconds: 1,
      });
    },

    async releaseToken(hash, tokenId) {
      await table.remove(tokenKey(hash), { when: "#tokenId = :tokenId", values: { tokenId } });
    },

    statusOf: (sourceIds) => status.read(sourceIds),
    noteRequest: (sourceId, request) => status.note(sourceId, request),
  };
};

const toClaim = ({ sourceId, tokenId, at }: TokenClaim): TokenClaim => ({ sourceId, tokenId, at });

const toSource = ({ pk: _pk, sk: _sk, write: _write, ...source }: SourceItem): Source => source;
