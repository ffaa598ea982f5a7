import type { Claim, Claimed, ClaimStore } from "../provisioning/ports/link-store.ts";
import { copyOf, type Request } from "./request.ts";

export type ClaimItems = Map<string, Claim>;
/** Who gave an account up last. */
export type FormerOwners = Map<string, string>;

type Account = Omit<Claim, "ownerId">;

/** Who owns which account, in memory. A claim made under another base URL counts as absent. */
export const memoryClaimStore = (items: ClaimItems, formers: FormerOwners, request: Request): ClaimStore => {
  const keyOf = ({ integrationId, kind, remoteId }: Account) =>
    JSON.stringify([integrationId, kind, remoteId]);
  const formerKey = (account: Account) => JSON.stringify([keyOf(account), account.baseUrl]);
  const take = (claim: Claim) => items.set(keyOf(claim), copyOf(claim));
  const claimedOf = (account: Account): Claimed | undefined => {
    const claim = items.get(keyOf(account));
    if (claim?.baseUrl !== account.baseUrl) return undefined;
    const { ownerId, rev } = claim;
    const formerId = formers.get(formerKey(account));
    return {
      ownerId,
      ...(rev !== undefined && { rev }),
      ...(formerId !== undefined && formerId !== ownerId && { formerId }),
    };
  };
  const ownerOf = (account: Account): string | undefined => claimedOf(account)?.ownerId;
  return {
    ownerOf: (account) => request(`read claim of ${account.remoteId}`, () => ownerOf(account)),

    claim: (claim) =>
      request(`claim ${claim.remoteId}`, () => {
        const ownerId = ownerOf(claim);
        if (ownerId === undefined || ownerId === claim.ownerId) take(claim);
        return claimedOf(claim) ?? { ownerId: claim.ownerId };
      }),

    move: (claim, from) =>
      request(`move claim of ${claim.remoteId}`, () => {
        const now = claimedOf(claim);
        if (now?.ownerId !== from.ownerId || now.rev !== from.rev) return false;
        formers.set(formerKey(claim), from.ownerId);
        take(claim);
        return true;
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
        if (ownerOf(claim) !== claim.ownerId) return;
        formers.set(formerKey(claim), claim.ownerId);
        items.delete(keyOf(claim));
      }),
  };
};
