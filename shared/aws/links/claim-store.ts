import { Failure } from "../../model/failure.ts";
import type { Claim, Claimed, ClaimStore } from "../../provisioning/ports/link-store.ts";
import { createBatches } from "../table/batches.ts";
import { setAll } from "../table/expressions.ts";
import { claimKey } from "../table/keys.ts";
import { createStateTable, type TableAccess } from "../table/state-table.ts";

/** `former`: the owner who gave it up last. Without `ownerId` it is nobody's. */
type StoredClaim = Omit<Claim, "ownerId"> & {
  ownerId?: string;
  former?: { ownerId: string; baseUrl: string };
};

/** Who owns which account at a provider, one item for each. A claim made under another base URL counts as absent. */
export const createClaimStore = (access: TableAccess): ClaimStore => {
  const table = createStateTable(access);
  const batches = createBatches(access);
  const at = ({ integrationId, kind, remoteId }: Omit<Claim, "ownerId">) =>
    claimKey(integrationId, kind, remoteId);
  const read = async (claim: Omit<Claim, "ownerId">): Promise<Claimed | undefined> =>
    toClaimed(await table.get<StoredClaim>(at(claim)), claim.baseUrl);

  return {
    ownerOf: async (claim) => (await read(claim))?.ownerId,

    async claim(claim) {
      const free = "attribute_not_exists(#ownerId) OR #ownerId = :ownerId OR #baseUrl <> :baseUrl";
      // Another owner's claim may be released between the write and the read: claim again.
      for (let tries = 0; tries < 3; tries += 1) {
        const item = await table.update<StoredClaim>(at(claim), setAll(claim), { when: free, values: claim });
        const claimed = toClaimed(item, claim.baseUrl) ?? (await read(claim));
        if (claimed) return claimed;
      }
      throw new Failure("store-unavailable", "The account's owner is changing. Call again.", {
        retryAfterSeconds: 1,
      });
    },

    async move(claim, { ownerId, rev }) {
      const isSame = rev === undefined ? "attribute_not_exists(#rev)" : "#rev = :before";
      return table.write(at(claim), `${setAll(claim)}, #former = :former`, {
        when: `#ownerId = :from AND #baseUrl = :baseUrl AND ${isSame}`,
        values: {
          ...claim,
          from: ownerId,
          former: { ownerId, baseUrl: claim.baseUrl },
          ...(rev !== undefined && { before: rev }),
        },
      });
    },

    async ownersOf(claim, remoteIds) {
      const items = await batches.get<StoredClaim>(remoteIds.map((remoteId) => at({ ...claim, remoteId })));
      const owners = items.flatMap((item): [string, string][] => {
        const claimed = toClaimed(item, claim.baseUrl);
        return claimed ? [[item.remoteId, claimed.ownerId]] : [];
      });
      return new Map(owners);
    },

    async release({ ownerId, baseUrl, ...claim }) {
      await table.write(at({ ...claim, baseUrl }), "SET #former = :former REMOVE #ownerId", {
        when: "#ownerId = :ownerId AND #baseUrl = :baseUrl",
        values: { ownerId, baseUrl, former: { ownerId, baseUrl } },
      });
    },
  };
};

const toClaimed = (item: StoredClaim | undefined, baseUrl: string): Claimed | undefined => {
  if (item?.ownerId === undefined || item.baseUrl !== baseUrl) return undefined;
  const { ownerId, rev, former } = item;
  const isFormer = former?.baseUrl === baseUrl && former.ownerId !== ownerId;
  return { ownerId, ...(rev !== undefined && { rev }), ...(isFormer && { formerId: former.ownerId }) };
};
