import type { NotedRequest, SourceStatus } from "../../model/source.ts";
import { createBatches } from "../table/batches.ts";
import { setAll } from "../table/expressions.ts";
import { type Key, sourceStatusKey } from "../table/keys.ts";
import { createStateTable, type TableAccess } from "../table/state-table.ts";

const useEachMs = 60_000;
const errorEachMs = 1_000;

/** The use of a token is an attribute of its own, so that two tokens note theirs at once. In Unix ms. */
const usePrefix = "use_";
type StatusItem = Pick<SourceStatus, "lastRequest" | "lastError"> &
  Key & { sourceId: string; errorAt?: number; [use: `${typeof usePrefix}${string}`]: number };

/** The latest requests of each source, one item of its own, so that no request writes to the source itself. */
export const createSourceStatus = (access: TableAccess, now: () => number) => {
  const table = createStateTable(access);
  const batches = createBatches(access);
  /** What this process has noted, so that it does not ask the table each time. */
  const noted = new Map<string, number>();
  const isNoted = (name: string, eachMs: number): boolean => {
    const before = noted.get(name);
    return before !== undefined && now() - before < eachMs;
  };

  return {
    async read(sourceIds: string[]): Promise<Map<string, SourceStatus>> {
      const items = await batches.get<StatusItem>(sourceIds.map(sourceStatusKey));
      return new Map(items.map((item) => [item.sourceId, toStatus(item)]));
    },

    async note(sourceId: string, { tokenId, error, ...request }: NotedRequest): Promise<void> {
      const [name, eachMs] = error
        ? [`${sourceId} error`, errorEachMs]
        : [`${sourceId} ${tokenId}`, useEachMs];
      if (isNoted(name, eachMs)) return;
      const at = Date.parse(request.at);
      const use = `${usePrefix}${tokenId}`;
      const fields = {
        sourceId,
        lastRequest: request,
        [use]: at,
        ...(error && { lastError: { ...request, ...error }, errorAt: at }),
      };
      const last = error ? "errorAt" : use;
      await table.write(sourceStatusKey(sourceId), setAll(fields), {
        when: `attribute_not_exists(#${last}) OR #${last} <= :before`,
        values: { ...fields, before: at - eachMs },
      });
      noted.set(name, now());
    },

    async remove(sourceId: string): Promise<void> {
      await table.remove(sourceStatusKey(sourceId), { when: "attribute_exists(#pk)" });
    },
  };
};

const toStatus = ({ lastRequest, lastError, ...item }: StatusItem): SourceStatus => ({
  ...(lastRequest && { lastRequest }),
  ...(lastError && { lastError }),
  tokenUses: Object.fromEntries(
    Object.entries(item).flatMap(([name, at]) =>
      name.startsWith(usePrefix) ? [[name.slice(usePrefix.length), new Date(Number(at)).toISOString()]] : [],
    ),
  ),
});
