import { randomUUID } from "node:crypto";
import type { Begun, IdempotencyStore, KeptAnswer } from "../http/idempotency-port.ts";
import { Failure } from "../model/failure.ts";
import { idempotencyKey } from "./table/keys.ts";
import { createStateTable, type TableAccess } from "./table/state-table.ts";

type RequestItem = {
  bodyHash: string;
  state: "running" | "done";
  startedAt: number;
  /** Tells one's own write from another's after a lost reply. */
  run: string;
  expiresAt: number;
  answer?: KeptAnswer;
};

const keptSeconds = 24 * 60 * 60;
const deadAfterMs = 60_000;

/**
 * Requests with an `Idempotency-Key` in the state table. An expired item counts as absent: DynamoDB may delete it much
 * later.
 */
export const createIdempotencyStore = ({
  newId = randomUUID,
  ...access
}: TableAccess & { newId?: () => string }): IdempotencyStore => {
  const table = createStateTable(access);
  return {
    async begin({ key, bodyHash, now }) {
      const second = Math.floor(now / 1000);
      const item: RequestItem = {
        bodyHash,
        state: "running",
        startedAt: now,
        run: newId(),
        expiresAt: second + keptSeconds,
      };
      const dead = "(#state = :running AND #startedAt <= :dead AND #bodyHash = :bodyHash)";
      const free = {
        when: `attribute_not_exists(#pk) OR #expiresAt <= :second OR ${dead}`,
        values: { second, running: "running", dead: now - deadAfterMs, bodyHash },
      };
      // The item may be deleted between the write and the read: try again.
      for (let tries = 0; tries < 3; tries += 1) {
        if (await table.put(idempotencyKey(key), item, free)) return { state: "new" };
        const found = await table.get<RequestItem>(idempotencyKey(key));
        if (found && found.expiresAt > second) return compare(found, item);
      }
      throw new Failure("store-unavailable", "The request's key is changing. Call again.", {
        retryAfterSeconds: 1,
      });
    },

    async finish(key, answer) {
      const change = "SET #state = :done, #answer = :answer";
      const values = { done: "done", answer };
      await table.write(idempotencyKey(key), change, { when: "attribute_exists(#bodyHash)", values });
    },

    async release(key) {
      const values = { running: "running" };
      await table.remove(idempotencyKey(key), { when: "#state = :running", values });
    },
  };
};

const compare = (found: RequestItem, mine: RequestItem): Begun => {
  if (found.bodyHash !== mine.bodyHash) return { state: "mismatch" };
  if (found.run === mine.run) return { state: "new" };
  return found.answer ? { state: "done", answer: found.answer } : { state: "running" };
};
