import type { Ports } from "../ports/ports.ts";
import type { ProviderFailure, ProviderFailureKind } from "../ports/provider-failure.ts";

const maxPosts = 3;
const firstBackOffMs = 250;
const longestBackOffMs = 4_000;

/** Failures of a POST that may hide a resource that is there: 409 and other refusals may mean a duplicate, too. */
export const hidingKinds: ReadonlySet<ProviderFailureKind> = new Set([
  "conflict",
  "rejected",
  "unavailable",
  "malformed",
  "accepted",
]);

/**
 * Whether a creation that a lookup has not found is to be sent again, after a wait: for the provider's Retry-After, else
 * a random part of a limit that doubles. A POST that is 429 was repeated as often as is right already. `posts`: how often
 * it was sent. False, without a wait, where that would not end before `sendUntil` (Unix ms).
 */
export const mayRetryCreation = async (
  { clock, random }: Ports,
  { kind, status, retryAfterSeconds }: ProviderFailure,
  { posts, sendUntil }: { posts: number; sendUntil: number },
): Promise<boolean> => {
  if (posts === maxPosts || kind !== "unavailable" || status === 429) return false;
  const waitMs = retryAfterSeconds
    ? retryAfterSeconds * 1000
    : random() * Math.min(longestBackOffMs, firstBackOffMs * 2 ** posts);
  if (clock.now() + waitMs >= sendUntil) return false;
  await clock.sleep(waitMs);
  return true;
};
