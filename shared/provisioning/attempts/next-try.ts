import type { FailureCode } from "../../model/failure.ts";
import type { AttemptHistory } from "../../model/link.ts";
import type { Ports } from "../ports/ports.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * `passing`: nobody's refusal, and gone by itself. `refused`: so until somebody changes something, here or there; also where
 * a success shows something else.
 */
type FailureClass = "passing" | "refused";

/** What passes by itself. Every other code is a refusal. */
const classes: Partial<Record<FailureCode, FailureClass>> = {
  "provider-unavailable": "passing",
  "provider-malformed": "passing",
  "audit-unavailable": "passing",
  "store-unavailable": "passing",
  // Objects wait with their integration, or for whoever is at them.
  "integration-needs-reauth": "passing",
  "attempt-in-progress": "passing",
};

/** How long until the next try, in ms: doubled with each failure in a row up to `most`. There is no end. */
type Waits = { first: number; most: number; jitter: "full" | "none" };
/** By the urgency of the work: 0 is what ends access. */
const waits: Record<FailureClass, Record<0 | 1, Waits>> = {
  passing: {
    0: { first: minute, most: 5 * minute, jitter: "full" },
    1: { first: minute, most: hour, jitter: "full" },
  },
  refused: {
    0: { first: hour, most: day, jitter: "none" },
    1: { first: day, most: day, jitter: "none" },
  },
};

/** A 401 waits for the integration, and its objects with it. */
export const isPassing = ({ code, status }: { code: FailureCode; status?: number }): boolean =>
  classes[code] === "passing" || status === 401;

/** What is wrong with an object that has failed so. */
export const stateAfter = (error: { code: FailureCode; status?: number }): "retrying" | "failed" =>
  isPassing(error) ? "retrying" : "failed";

/**
 * When an object is tried again by itself, in Unix ms. A passing failure: when the provider asks for it (Retry-After), else
 * by the table above, like a refusal, or a success that shows something else.
 */
export const nextTry = (
  { clock, random }: Pick<Ports, "clock" | "random">,
  { failures = 1, notBefore, lastError }: AttemptHistory,
  isUrgent: boolean,
): number => {
  const now = clock.now();
  const kind = lastError && isPassing(lastError) ? "passing" : "refused";
  const asked = notBefore === undefined ? 0 : Date.parse(notBefore);
  if (kind === "passing" && asked > now) return asked;
  const { first, most, jitter } = waits[kind][isUrgent ? 0 : 1];
  const wait = Math.min(first * 2 ** Math.min(failures - 1, 20), most);
  return now + (jitter === "full" ? Math.max(second, Math.floor(random() * wait)) : wait);
};

const years = 10 * 365 * day;

/**
 * The same where a success, or a verification, shows something else. What a verification has found waits for its object to
 * change, or for somebody to ask, since who has changed it there may have meant to; but access that must end is tried.
 */
export const nextConfirmation = (
  ports: Pick<Ports, "clock" | "random">,
  observed: AttemptHistory,
  isUrgent: boolean,
): number =>
  observed.unconfirmed?.foundAt !== undefined && !isUrgent
    ? ports.clock.now() + years
    : nextTry(ports, observed, isUrgent);

/** What was sent without a value that is not there yet is looked at again after an hour, doubling to a day. */
export const nextWait = ({ clock }: Pick<Ports, "clock">, since: number): number => {
  const now = clock.now();
  return now + Math.min(Math.max(now - since, 0) + hour, day);
};

/** What is still to be done, and has not failed, is looked at again: soon at first, and less often as time goes by. */
export const nextLook = ({ clock }: Pick<Ports, "clock">, since: number, isUrgent: boolean): number => {
  const now = clock.now();
  return now + Math.min(Math.max(now - since, 5 * second), isUrgent ? 5 * minute : hour);
};
