import type { Claim, ClaimStore } from "../../shared/provisioning/ports/link-store.ts";
import { copyOf, type Request } from "./request.ts";

export type ClaimItems = Map<string, Claim>;

type Account = Omit<Claim, "ownerId">;

/** Who owns which account, in memory. A claim made under another base URL counts as absent. */
export const memoryClaimStore = (items: ClaimItems, request: Request): ClaimStore => {
  const keyOf = ({ integrationId, kind, remoteId }: Account) =>
    JSON.stringify([integrationId, kind, remoteId]);
  const ownerOf = (account: Account): string | undefined => {
    const claim = items.get(keyOf(account));
    return claim?.baseUrl === account.baseUrl ? claim.ownerId : undefined;
  };
  return {
    ownerOf: (account) => request(`read claim of ${account.remoteId}`, () => ownerOf(account)),

    claim: (claim) =>
      request(`claim ${claim.remoteId}`, () => {
        if (ownerOf(claim) === undefined) items.set(keyOf(claim), copyOf(claim));
        return { ownerId: ownerOf(claim) ?? claim.ownerId };
      }),

    ownersOf: (account, remoteIds) =>
      request("read claims", () => {
        const found = remoteIds.flatMap((remoteId): [string, string][] => {
          const ownerId = ownerOf({ ...account, remoteId });
          return ownerId === undefined ? [] : [[remoteId, ownerId]];
        });
        return new Map(found);
      }),

    release: (claim) =>
      request(`release ${claim.remoteId}`, () => {
        if (ownerOf(claim) === claim.ownerId) items.delete(keyOf(claim));
      }),
  };
};
