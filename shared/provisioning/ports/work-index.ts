import type { WaitingState } from "../../model/work.ts";
import type { LinkKey } from "./link-store.ts";

/** An object of the directory. */
export type ObjectRef = { kind: "user" | "group"; id: string };
/** A link at which something is to be done, as the index shows it. */
export type WorkRef = { kind: "user" | "group"; key: LinkKey; urgency: 0 | 1; at: number; setAt: number };

/**
 * Those due by `until`, and those marked before `markedBefore`, whatever their time (Unix ms); all where neither is given.
 * The second is found by reading what waits.
 */
export type Which = { until?: number; markedBefore?: number; limit: number };

export const isAmong = (
  { at, setAt }: { at: number; setAt: number },
  { until, markedBefore }: Omit<Which, "limit">,
): boolean =>
  (until === undefined && markedBefore === undefined) ||
  (until !== undefined && at <= until) ||
  (markedBefore !== undefined && setAt < markedBefore);

/**
 * The sparse index of work. It lags behind, so it is a hint: the link, or the directory object, is read before anything
 * is done about it.
 */
export type WorkIndex = {
  /** Directory objects whose change is to be dispatched by `before` (Unix ms), the oldest first. */
  changed(before: number, limit: number): Promise<ObjectRef[]>;
  /** Links of an integration in that state and urgency, the earliest first. */
  waiting(integrationId: string, state: WaitingState, urgency: 0 | 1, which: Which): Promise<WorkRef[]>;
  /** How many links wait in that state, users and groups apart. No more than `most` are counted. */
  count(integrationId: string, state: WaitingState, most: number): Promise<{ users: number; groups: number }>;
};

/** Wakes the worker of an integration; a wake-up that is lost costs a minute, and never the work. */
export type WakeUps = { wake(integrationId: string): Promise<void> };
