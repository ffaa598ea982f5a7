import type { Page, PageOf } from "../../common/cursor.ts";
import type { LeftState, RestingState, WaitingState, Work, WorkState } from "../../model/work.ts";
import type { LinkKey } from "./link-store.ts";

/** An object of the directory. */
export type ObjectRef = { kind: "user" | "group"; id: string };
/** A link at which something is to be done, as the index shows it. */
export type WorkRef = { kind: "user" | "group"; key: LinkKey } & Pick<
  Work,
  "urgency" | "at" | "setAt" | "since"
>;

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
  /**
   * Directory objects that were made at `from` (Unix ms) or later and have not changed since, the oldest first, in pages: the
   * event of one may not be on record.
   */
  made(from: number): AsyncIterable<ObjectRef[]>;
  /** Links of an integration in that state and urgency, the earliest first. */
  waiting(integrationId: string, state: WorkState, urgency: 0 | 1, which: Which): Promise<WorkRef[]>;
  /** The first links of an integration in that state: those whose access is to end, then the earliest. */
  first(integrationId: string, state: WaitingState, limit: number): Promise<WorkRef[]>;
  /**
   * The same of users or groups alone, of both urgencies, in pages: those whose access is to end, then the earliest.
   * `place` is what a cursor behind the row holds. Throws Failure `invalid-cursor`.
   */
  list(
    of: { integrationId: string; kind: "user" | "group"; state: WaitingState },
    page: Page,
  ): Promise<PageOf<{ id: string; place: string }>>;
  /**
   * How many links wait in that state, users and groups apart. No more than `most` are counted. The answer may be 5 s old.
   */
  count(
    integrationId: string,
    state: WaitingState | LeftState,
    most: number,
  ): Promise<{ users: number; groups: number }>;
  /**
   * How many links of a kind the integration has, or how many of them rest in that state. The answer may be 5 s old, and as
   * many times as old as there are tens of thousands.
   */
  countLinks(integrationId: string, kind: "user" | "group", rest?: RestingState): Promise<number>;
};

/** Wakes the worker of an integration; a wake-up that is lost costs a minute, and never the work. */
export type WakeUps = { wake(integrationId: string): Promise<void> };
