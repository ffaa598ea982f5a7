import { createHash } from "node:crypto";
import type { TargetClaim, TargetStore } from "../../shared/provisioning/ports/integration-store.ts";
import type { Request } from "./request.ts";

export type TargetItems = Map<string, TargetClaim>;

/** Who holds which tenant, in memory. */
export const memoryTargetStore = (items: TargetItems, request: Request): TargetStore => ({
  hash: (baseUrl, clientSecret) =>
    request("hash target", () => createHash("sha256").update(`${baseUrl}\n${clientSecret}`).digest("hex")),
  claim: (hash, mine, instead) =>
    request("claim target", () => {
      const held = items.get(hash) ?? mine;
      const isStale = held.integrationId === instead?.integrationId && held.attemptId === instead.attemptId;
      if (held.integrationId !== mine.integrationId && !isStale) return held;
      items.set(hash, mine);
      return mine;
    }),
});
