import { createHmac } from "node:crypto";
import type { Request } from "../../shared/memory/request.ts";
import type { TargetClaim, TargetStore } from "../../shared/provisioning/ports/integration-store.ts";

const hashOf = (text: string): string => createHmac("sha256", "a key").update(text).digest("base64url");

export type TargetItems = Map<string, TargetClaim>;

/** Who holds which tenant, in memory. */
export const memoryTargetStore = (items: TargetItems, request: Request): TargetStore => ({
  hash: (baseUrl, clientSecret) => request("hash target", () => hashOf(`${baseUrl}\n${clientSecret}`)),
  claim: (hash, mine, instead) =>
    request("claim target", () => {
      const held = items.get(hash) ?? mine;
      const isStale = held.integrationId === instead?.integrationId && held.attemptId === instead.attemptId;
      if (held.integrationId !== mine.integrationId && !isStale) return held;
      items.set(hash, mine);
      return mine;
    }),
});
