import type { AttemptHistory } from "../../model/link.ts";
import type { Ports } from "../ports/ports.ts";
import type { ProviderFailure } from "../ports/provider-failure.ts";
import { notThere } from "./provider-failure.ts";

/**
 * For so long the answer to our own creation outweighs a 404 and an empty list: copies of a provider's data lag behind.
 */
const replicationMs = 15_000;
const firstWaitMs = 250;
const longestWaitMs = 4_000;

/**
 * Where a resource is. `elsewhere`: under its name, and another id. `late`: created a moment ago, and shown after a
 * wait. `unknown`: the provider could not be asked, or does not show yet what it created a moment ago. `silent`: it was
 * asked, and did not answer.
 */
export type Whereabouts = "there" | "late" | "gone" | "elsewhere" | "unknown" | "silent";

/** Whether it was so short a time ago, at `now` (Unix ms), that a read may show what was before. */
export const isRecent = (at: string | undefined, now: number): boolean =>
  at !== undefined && now - Date.parse(at) < replicationMs;

/** Wait until none of these times is recent any more. False where nothing could be sent then. */
export const waitUntilOld = async (
  times: (string | undefined)[],
  { clock, sendUntil }: { clock: Ports["clock"]; sendUntil: number },
): Promise<boolean> => {
  const until = Math.max(...times.map((at) => (at === undefined ? 0 : Date.parse(at) + replicationMs)));
  if (until >= sendUntil) return false;
  await clock.sleep(Math.max(0, until - clock.now()));
  return true;
};

/** Whether the resource was created a moment ago, at `now` (Unix ms). */
export const isFresh = ({ createdAt }: AttemptHistory, now: number): boolean => isRecent(createdAt, now);

/**
 * Look again and again for a resource that was created a moment ago and was answered 404, until it is shown (true), or its
 * creation outweighs a 404 no longer, or nothing may be sent any more. What `read` throws goes up.
 */
export const waitUntilShown = async (
  observed: AttemptHistory,
  { clock, sendUntil }: { clock: Ports["clock"]; sendUntil: number },
  read: () => Promise<unknown>,
): Promise<boolean> => {
  for (let waitMs = firstWaitMs; isFresh(observed, clock.now()); waitMs *= 2) {
    const wait = Math.min(waitMs, longestWaitMs);
    if (clock.now() + wait >= sendUntil) return false;
    await clock.sleep(wait);
    if (await read()) return true;
  }
  return false;
};

/** What is known once the provider has answered our creation with the resource. */
export const withCreated = <O extends AttemptHistory>(observed: O, now: number): O => ({
  ...observed,
  createdAt: new Date(now).toISOString(),
});

/** What a 404 for a resource is that was created a moment ago: passing, and no word of what is there. */
export const notShownYet = ({ createdAt }: AttemptHistory, failure: ProviderFailure): ProviderFailure =>
  failure.copyWith({
    kind: "unavailable",
    message: `${failure.message}, though it created the resource at ${createdAt}: its data may lag behind`,
    retryAfterSeconds: 30,
  });

/**
 * `failure`, or what it is where it is a 404 for a resource of which nobody can tell: it was created a moment ago and no
 * read has shown it, or the provider did not answer when it was looked for. That passes.
 */
export const toLagFailure = (
  failure: ProviderFailure,
  where: Whereabouts,
  observed: AttemptHistory,
  now: number,
): ProviderFailure => {
  if (failure.kind !== "not-found" || (where !== "unknown" && where !== "silent")) return failure;
  if (isFresh(observed, now)) return notShownYet(observed, failure);
  if (where === "unknown") return failure;
  const message = `${failure.message}, and did not answer when it was asked what is there`;
  return failure.copyWith({ kind: "unavailable", message });
};

/** Before "not there" is believed. @throws ProviderFailure where the resource was created a moment ago */
export const requireOld = (observed: AttemptHistory, now: number): void => {
  if (isFresh(observed, now)) throw notShownYet(observed, notThere());
};
