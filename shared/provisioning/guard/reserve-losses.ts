import { createHash } from "node:crypto";
import { Failure } from "../../model/failure.ts";
import type { GuardBucket, GuardCount } from "../ports/guard-store.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { isAllowed } from "./allowance.ts";
import type { Losses } from "./losses.ts";

const hourMs = 60 * 60_000;
const bucketMs = 5 * 60_000;
/** Twice as many people may lose a group while they keep their account. */
const groupFactor = 2;
const maxTries = 50;

/**
 * Takes what an act takes away from what is free in an hour, before the act begins: after a crash too many are counted,
 * never too few. All of it or nothing. Who is counted already is not counted again, so that a retry takes nothing.
 * @returns whether it was free
 * @throws Failure `store-unavailable`
 */
export const reserveLosses = async (context: IntegrationContext, losses: Losses): Promise<boolean> => {
  if (losses.accounts.length + losses.groupOnly.length === 0) return true;
  const { ports, integration } = context;
  const { integrationId } = integration;
  const wanted = { accounts: losses.accounts.map(shortHash), groups: losses.groupOnly.map(shortHash) };
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const { rev, ...count } = await ports.guards.read(integrationId);
    const now = ports.clock.now();
    const buckets = count.buckets.filter(({ at }) => at + bucketMs + hourMs > now);
    const lost = { accounts: peopleIn(buckets, "accounts"), groups: peopleIn(buckets, "groups") };
    const accounts = wanted.accounts.filter((hash) => !lost.accounts.has(hash));
    // Whose account went has nothing left to lose.
    const groups = wanted.groups.filter((hash) => !lost.accounts.has(hash) && !lost.groups.has(hash));
    if (accounts.length + groups.length === 0) return true;
    const { isFree, counted } = await isAllowed(
      context,
      Math.max(
        accounts.length > 0 ? lost.accounts.size + accounts.length : 0,
        groups.length > 0 ? (lost.groups.size + groups.length) / groupFactor : 0,
      ),
      count.open,
    );
    const open = counted ?? count.open;
    const known: GuardCount = { buckets, ...(open && { open }) };
    if (!isFree && counted) await ports.guards.save(integrationId, rev, known);
    if (!isFree) return false;
    const at = now - (now % bucketMs);
    if (
      await ports.guards.save(integrationId, rev, {
        ...known,
        buckets: withLost(buckets, { at, accounts, groups }),
      })
    )
      return true;
    await ports.clock.sleep(5 * tries * ports.random());
  }
  throw new Failure("store-unavailable", "The guard's count keeps changing. Call again.", {
    retryAfterSeconds: 1,
  });
};

const shortHash = (userId: string): string =>
  createHash("sha256").update(userId).digest("base64url").slice(0, 8);

const peopleIn = (buckets: GuardBucket[], what: "accounts" | "groups"): Set<string> =>
  new Set(buckets.flatMap((bucket) => bucket[what]));

const withLost = (buckets: GuardBucket[], { at, accounts, groups }: GuardBucket): GuardBucket[] => {
  const now = buckets.find((bucket) => bucket.at === at) ?? { accounts: [], groups: [] };
  return [
    ...buckets.filter((bucket) => bucket.at !== at),
    { at, accounts: [...now.accounts, ...accounts], groups: [...now.groups, ...groups] },
  ];
};
