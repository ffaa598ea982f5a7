import type { Former } from "../../model/link.ts";
import type { Ports } from "../ports/ports.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";
import { isRecent } from "./fresh-creation.ts";

const firstWaitMs = 250;
const longestWaitMs = 2_000;

type Shown = { noun: "account" | "group"; id: string; read(): Promise<unknown> };

/**
 * Whether an account or a group that a look-up shows is there to stay. One that was deleted a moment ago (`former`) may be
 * shown by a list that lags behind, or be about to go: it is read by its id, until it is gone or the deletion is old.
 * @throws ProviderFailure `unavailable` where the time of the call is too short to tell
 */
export const outlivesDeletion = async (
  { ports: { clock }, sendUntil }: { ports: Ports; sendUntil: number },
  former: Former | undefined,
  { noun, id, read }: Shown,
): Promise<boolean> => {
  const deletedAt = former?.remoteId === id ? former.deletedAt : undefined;
  for (
    let waitMs = firstWaitMs;
    isRecent(deletedAt, clock.now());
    waitMs = Math.min(2 * waitMs, longestWaitMs)
  ) {
    if (!(await read())) return false;
    if (clock.now() + waitMs >= sendUntil)
      throw passing(
        `The service provider still shows the ${noun} ${id}, whose deletion was sent at ${deletedAt}`,
      );
    await clock.sleep(waitMs);
  }
  return true;
};

/** An account or a group that was found, and is gone. */
export const deletedSince = (noun: Shown["noun"], id: string): ProviderFailure =>
  passing(`The ${noun} ${id}, which was found, was deleted a moment ago and is gone`);

const passing = (message: string): ProviderFailure =>
  new ProviderFailure("unavailable", message, { retryAfterSeconds: 15 });
