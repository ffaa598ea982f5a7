import type { AttemptHistory } from "../../model/link.ts";
import type { Ports } from "../ports/ports.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";

/** Waits between lookups, as long as the time of the call leaves room. */
const waitsMs = [250, 500, 1_000, 2_000];
/** For so long an accepted creation is waited for; then it counts as lost, and is sent anew. */
const patienceMs = 5 * 60_000;
/** For so long a provider may still carry out a creation that was cut off, or answered 5xx. */
const carryOutMs = 60_000;

/**
 * Look a few times for what a provider has accepted (202) and carries out later. Undefined where it is not shown by
 * then. `find` is the lookup; what it throws goes up.
 */
export const findAccepted = async <T>(
  clock: Ports["clock"],
  sendUntil: number,
  find: () => Promise<T | undefined>,
): Promise<T | undefined> => {
  let found = await find();
  for (const waitMs of waitsMs) {
    if (found || clock.now() + waitMs >= sendUntil) break;
    await clock.sleep(waitMs);
    found = await find();
  }
  return found;
};

const after = (at: string | undefined, ms: number): number => (at === undefined ? 0 : Date.parse(at) + ms);

const isWaitedFor = ({ acceptedAt }: AttemptHistory, now: number): boolean =>
  now < after(acceptedAt, patienceMs);

/**
 * Whether a creation that is in doubt is to be looked for in the list where the filter has found nothing: some filters
 * mind the case of names that are stored in another. One that was accepted is waited for first.
 */
export const isSoughtInList = (
  observed: AttemptHistory & { uncertainCreation?: unknown },
  now: number,
): boolean => observed.uncertainCreation !== undefined && !isWaitedFor(observed, now);

/** A large list is not read to its end then. */
export const pagesInDoubt = 10;

/**
 * Whether a creation that was accepted, or whose outcome is unknown, may still be carried out at `now` (Unix ms). Until
 * then an empty look-up does not tell that no resource will be there.
 */
export const isOutstanding = ({ acceptedAt, uncertainAt }: AttemptHistory, now: number): boolean =>
  now < Math.max(after(acceptedAt, patienceMs), after(uncertainAt, carryOutMs));

/**
 * A second POST behind one that was accepted a moment ago might make a second resource.
 * @throws ProviderFailure `accepted` where that is so
 */
export const refuseWhileAccepted = (observed: AttemptHistory, now: number): void => {
  if (!isWaitedFor(observed, now)) return;
  throw new ProviderFailure(
    "accepted",
    `The service provider accepted the creation at ${observed.acceptedAt} but has not shown the resource yet`,
    { status: 202, maybeApplied: true },
  );
};

/**
 * A creation under another name than is wanted now may still be carried out: what is made meanwhile would be a second one.
 * @throws ProviderFailure `accepted` where that is so
 */
export const refuseWhileOutstanding = (observed: AttemptHistory, now: number): void => {
  if (!isOutstanding(observed, now)) return;
  const message = "The service provider may still carry out a creation under another name";
  throw new ProviderFailure("accepted", message);
};

/** What is known once the provider has accepted a creation; one that is waited for keeps its moment. */
export const withAccepted = <O extends AttemptHistory>(observed: O, now: number): O =>
  isWaitedFor(observed, now) ? observed : { ...observed, acceptedAt: new Date(now).toISOString() };
