import { Failure } from "../../model/failure.ts";
import type { Claim, ClaimStore } from "../../provisioning/ports/link-store.ts";
import { createBatches } from "../table/batches.ts";
import { claimKey } from "../table/keys.ts";
import { createStateTable, type TableAccess } from "../table/state-table.ts";

/** Who owns which account at a provider, one item for each. A claim made under another base URL counts as absent. */
export const createClaimStore = (access: TableAccess): ClaimStore => {
  const table = createStateTable(access);
  const batches = createBatches(access);
  const at = ({ integrationId, kind, remoteId }: Omit<Claim, "ownerId">) =>
    claimKey(integrationId, kind, remoteId);

  const ownerOf: ClaimStore["ownerOf"] = async (claim) => {
    const item = await table.get<Claim>(at(claim));
    return item?.baseUrl === claim.baseUrl ? item.ownerId : undefined;
  };

  return {
    ownerOf,

    async claim(claim) {
      const free = "attribute_not_exists(#pk) OR #ownerId = :ownerId OR #baseUrl <> :baseUrl";
      const values = { ownerId: claim.ownerId, baseUrl: claim.baseUrl };
      // Another owner's claim may be released between the write and the read: claim again.
      for (let tries = 0; tries < 3; tries += 1) {
        if (await table.put(at(claim), claim, { when: free, values })) return { ownerId: claim.ownerId };
        const ownerId = await ownerOf(claim);
        if (ownerId !== undefined) return { ownerId };
      }
      throw new Failure("store-unavailable", "The account's owner is changing. Call again.", {
        retryAfterSeconds: 1,
      });
    },

    async ownersOf(claim, remoteIds) {
      const items = await batches.get<Claim>(remoteIds.map((remoteId) => at({ ...claim, remoteId })));
      const valid = items.filter(({ baseUrl }) => baseUrl === claim.baseUrl);
      return new Map(valid.map(({ remoteId, ownerId }) => [remoteId, ownerId]));
    },

    async release(claim) {
      const mine = { ownerId: claim.ownerId, baseUrl: claim.baseUrl };
      await table.remove(at(claim), { when: "#ownerId = :ownerId AND #baseUrl = :baseUrl", values: mine });
    },
  };
};
