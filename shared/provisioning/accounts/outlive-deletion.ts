import { readAttribute } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import type { UserObserved } from "../../model/link.ts";
import { isRecent } from "../attempts/fresh-creation.ts";
import { ProviderFailure } from "../ports/service-provider.ts";
import type { UserContext } from "./user-context.ts";

const firstWaitMs = 250;
const longestWaitMs = 2_000;

/**
 * Whether an account that a look-up shows is there to stay. One that was deleted a moment ago may be shown by a list that
 * lags behind, or be about to go: it is read by its id, until it is gone or the deletion is old. One that is shown inactive
 * is what some providers leave of it, and stays.
 * @throws ProviderFailure `unavailable` where the time of the call is too short to tell
 */
export const outlivesDeletion = async (
  { ports: { clock }, provider, sendUntil }: UserContext,
  { former }: UserObserved,
  account: RemoteResource,
): Promise<boolean> => {
  const deletedAt = former?.remoteId === account.id ? former.deletedAt : undefined;
  if (readAttribute(account.resource, "active") === false) return true;
  for (
    let waitMs = firstWaitMs;
    isRecent(deletedAt, clock.now());
    waitMs = Math.min(2 * waitMs, longestWaitMs)
  ) {
    if (!(await provider.readUser(account.id))) return false;
    if (clock.now() + waitMs >= sendUntil)
      throw passing(
        `The service provider still shows the account ${account.id}, whose deletion it took at ${deletedAt}`,
      );
    await clock.sleep(waitMs);
  }
  return true;
};

/** An account that was found, and is gone. */
export const deletedSince = ({ id }: RemoteResource): ProviderFailure =>
  passing(`The account ${id}, which was found, was deleted a moment ago and is gone`);

const passing = (message: string): ProviderFailure =>
  new ProviderFailure("unavailable", message, { retryAfterSeconds: 15 });
