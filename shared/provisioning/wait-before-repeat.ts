import type { Ports } from "./ports/ports.ts";
import type { ProviderFailure } from "./ports/service-provider.ts";

const firstBackOffMs = 250;
const longestBackOffMs = 4_000;

/**
 * Wait before a creation is sent again that a lookup has not found: for the provider's Retry-After, else a random part
 * of a limit that doubles. `sent`: how often it was sent. False, without a wait, where that would not end before
 * `sendUntil` (Unix ms). `random` is in [0, 1).
 */
export const waitBeforeRepeat = async (
  { clock }: Ports,
  { retryAfterSeconds }: ProviderFailure,
  sent: number,
  sendUntil: number,
  random = Math.random,
): Promise<boolean> => {
  const waitMs = retryAfterSeconds
    ? retryAfterSeconds * 1000
    : random() * Math.min(longestBackOffMs, firstBackOffMs * 2 ** sent);
  if (clock.now() + waitMs >= sendUntil) return false;
  await clock.sleep(waitMs);
  return true;
};
