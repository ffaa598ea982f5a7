import { InvalidRequestException, ResourceNotFoundException } from "@aws-sdk/client-secrets-manager";

/**
 * Secrets Manager copies its data from place to place: what was written a moment ago may not be found yet. What is
 * missing is asked for again after each of these waits before that is believed.
 */
export const waitsMs = [250, 750];

/** The answer of `look`, which is asked again over a second where it answers undefined. */
export const lookAgain = async <T>(
  look: () => Promise<T | undefined>,
  sleep: (ms: number) => Promise<unknown>,
): Promise<T | undefined> => {
  let found = await look();
  for (const waitMs of waitsMs) {
    if (found !== undefined) break;
    await sleep(waitMs);
    found = await look();
  }
  return found;
};

/**
 * Not there, or scheduled for deletion. Other requests that are invalid in the secret's state say nothing of the kind.
 */
export const isMissing = (error: unknown): boolean =>
  error instanceof ResourceNotFoundException ||
  (error instanceof InvalidRequestException && /deletion/i.test(error.message));
