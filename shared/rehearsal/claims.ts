import { type ClaimItems, memoryClaimStore } from "../memory/claim-store.ts";
import { atOnce } from "../memory/request.ts";
import type { Claim, ClaimStore } from "../provisioning/ports/link-store.ts";
import { loadOnce } from "./load-once.ts";

type Account = Omit<Claim, "ownerId">;

/** Who owns which account, and who would. */
export const rehearsedClaims = (real: ClaimStore): ClaimStore => {
  const items: ClaimItems = new Map();
  const own = memoryClaimStore(items, new Map(), atOnce);
  const loads = loadOnce();
  const keyOf = ({ integrationId, kind, baseUrl, remoteId }: Account) =>
    JSON.stringify([integrationId, kind, baseUrl, remoteId]);
  const keep = ({ integrationId, kind, baseUrl, remoteId }: Account, ownerId: string | undefined) =>
    ownerId === undefined
      ? Promise.resolve()
      : own.claim({ integrationId, kind, baseUrl, remoteId, ownerId }).then(() => undefined);
  const load = (account: Account) =>
    loads.one(keyOf(account), async () => keep(account, await real.ownerOf(account)));
  return {
    async ownerOf(account) {
      await load(account);
      return own.ownerOf(account);
    },
    async claim(claim) {
      await load(claim);
      return own.claim(claim);
    },
    async move(claim, from) {
      await load(claim);
      return own.move(claim, from);
    },
    async ownersOf(account, remoteIds) {
      await Promise.all(remoteIds.map((remoteId) => load({ ...account, remoteId })));
      return own.ownersOf(account, remoteIds);
    },
    async release(claim) {
      await load(claim);
      await own.release(claim);
    },
  };
};
