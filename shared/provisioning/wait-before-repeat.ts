import type { Ports } from "./ports/ports.ts";
import type { ProviderFailure } from "./ports/service-provider.ts";

const firstBackOffMs = 250;
const longestBackOffMs = 4_000;

/**
 * Before something is sent again that the client itself does not repeat: the provider's Retry-After, else a back-off
 * with full jitter. `sent`: how often it went out so far. False, without a wait, where that would not end in time.
 */
export const waitBeforeRepeat = async (
  { clock }: Pick<Ports, "clock">,
  { retryAfterSeconds }: ProviderFailure,
  sent: number,
  sendUntil: number,
  random: () => number = Math.random,
): Promise<boolean> => {
  const backOffMs = random() * Math.min(longestBackOffMs, firstBackOffMs * 2 ** sent);
  const waitMs = retryAfterSeconds === undefined ? backOffMs : retryAfterSeconds * 1000;
  if (clock.now() + waitMs >= sendUntil) return false;
  await clock.sleep(waitMs);
  return true;
};
