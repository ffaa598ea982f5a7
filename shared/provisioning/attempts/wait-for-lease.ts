import { Failure } from "../../model/failure.ts";
import type { AttemptHistory, Link, OpenAttempt } from "../../model/link.ts";
import type { LinkStore } from "../ports/link-store.ts";
import type { Call, Ports } from "../ports/ports.ts";

const pollMs = 60;
const patienceMs = 3_000;

/**
 * Read until nobody holds the object. An orphan (its lease has ended) is settled now; a live holder is given a
 * moment, since most attempts take less than a second.
 * @throws Failure `attempt-in-progress` where a holder has been at it for 3 s
 */
export const waitForLease = async <A, O extends AttemptHistory, R extends { link: Link<A, O> }>(
  { ports, call }: { ports: Ports; call: Call },
  store: LinkStore<A, O>,
  read: () => Promise<R>,
  settleOrphan: (link: R["link"]) => Promise<void>,
): Promise<R> => {
  for (;;) {
    const state = await read();
    const { attempt } = state.link;
    if (!attempt) return state;
    if (attempt.leaseUntil <= ports.clock.now()) await settleOrphan(state.link);
    else if (isPatient(ports, call, attempt)) await ports.clock.sleep(pollMs);
    // A call that is turned away has saved something, perhaps after the holder has read it: the holder reads once more.
    else if (await store.nudge(state.link, attempt.intent.attemptId)) throw turnedAway(ports, attempt);
  }
};

const isPatient = (ports: Ports, call: Call, { intent }: OpenAttempt): boolean => {
  const now = ports.clock.now();
  return now - Date.parse(intent.startedAt) <= patienceMs && now < call.sendUntil;
};

const turnedAway = (ports: Ports, { leaseUntil }: OpenAttempt): Failure => {
  const seconds = Math.max(1, Math.ceil((leaseUntil - ports.clock.now()) / 1000));
  return new Failure(
    "attempt-in-progress",
    `Another attempt for the same object is under way. Repeat the call in ${seconds} s.`,
    { retryAfterSeconds: seconds },
  );
};
