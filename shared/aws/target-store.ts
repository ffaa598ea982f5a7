import { createHmac } from "node:crypto";
import { Failure } from "../model/failure.ts";
import type { TargetClaim, TargetStore } from "../provisioning/ports/integration-store.ts";
import { targetKey } from "./table/keys.ts";
import { createStateTable, type TableAccess } from "./table/state-table.ts";

/**
 * Which integration holds a tenant, one item for each. The item's key is a keyed hash, so that the table never holds a
 * secret, and nobody who reads it can try out which secret it was. `readKey` gives the deployment's key for hashes.
 */
export const createTargetStore = ({
  readKey,
  ...access
}: TableAccess & { readKey: () => Promise<string> }): TargetStore => {
  const table = createStateTable(access);
  return {
    async hash(baseUrl, clientSecret) {
      // The same key hashes bodies: what is hashed here must not read like one of them.
      const text = `target\n${baseUrl}\n${clientSecret}`;
      return createHmac("sha256", await readKey())
        .update(text)
        .digest("base64url");
    },

    async claim(hash, mine, instead) {
      const free = "attribute_not_exists(#pk) OR #integrationId = :mine";
      const theirs = "(#integrationId = :theirs AND #attemptId = :run)";
      const values = { mine: mine.integrationId };
      const condition = instead
        ? {
            when: `${free} OR ${theirs}`,
            values: { ...values, theirs: instead.integrationId, run: instead.attemptId },
          }
        : { when: free, values };
      if (await table.put(targetKey(hash), mine, condition)) return mine;
      const { integrationId, attemptId } = (await table.get<TargetClaim>(targetKey(hash))) ?? {};
      if (integrationId !== undefined && attemptId !== undefined) return { integrationId, attemptId };
      throw new Failure("store-unavailable", "The holder of the target is changing. Call again.", {
        retryAfterSeconds: 1,
      });
    },
  };
};
