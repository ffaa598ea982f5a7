import type { Page, PageOf } from "../../common/cursor.ts";
import type { HeldItem, Hold } from "../../model/hold.ts";
import type { OpenAttempt } from "../../model/link.ts";
import type { Held } from "./link-store.ts";

export type HoldKey = { integrationId: string; holdId: string };
/** An account, or a membership in a group. */
export type HeldObject = { userId: string; groupId?: string | undefined };
/** The hold that somebody's removals join, or joined last. `since`: RFC 3339, when it was opened. */
export type OriginHold = { holdId: string; since: string };

/**
 * Holds, and what is in them: one item for each account or membership. Reads are strongly consistent; a hold is changed
 * under its revision, and its items are written without a condition.
 */
export type HoldStore = {
  read(key: HoldKey): Promise<Hold | undefined>;
  /** The holds of an integration, the oldest first. Throws Failure `invalid-cursor`. */
  list(integrationId: string, page: Page): Promise<PageOf<Hold>>;
  /** The latest hold of an origin; it may not be made yet. */
  ofOrigin(integrationId: string, origin: string): Promise<OriginHold | undefined>;
  /** Make `mine` the latest hold of the origin, if `instead` still is. Answers the one that it is then. */
  claimOrigin(
    integrationId: string,
    origin: string,
    mine: OriginHold,
    instead: OriginHold | undefined,
  ): Promise<OriginHold>;
  /** Make the hold, unless it is there. */
  create(hold: Hold): Promise<void>;
  /** Save state, count and acts, if the hold is still at `rev`. */
  save(hold: Pick<Hold, "integrationId" | "holdId" | "rev" | "state" | "count" | "acts">): Promise<boolean>;

  /** Begin a decision: intent and lease, if the hold is still at `rev` and no decision is under way. */
  begin(key: HoldKey, rev: number, attempt: OpenAttempt): Promise<boolean>;
  /** Take a decision over whose lease had ended at `now` (Unix ms). */
  takeOver(key: HoldKey, attemptId: string, leaseUntil: number, now: number): Promise<boolean>;
  /** End the lease and keep the decision for recovery. */
  abandon(key: HoldKey, attempt: Held): Promise<void>;
  /** End the decision, if it is still the hold's and the hold is still at `rev`. */
  settle(
    hold: Pick<Hold, "integrationId" | "holdId" | "rev" | "state" | "count">,
    attempt: Held,
  ): Promise<boolean>;

  /** The items of a hold, by user. Throws Failure `invalid-cursor`. */
  items(key: HoldKey, page: Page): Promise<PageOf<HeldItem>>;
  /** The items of these objects, each in the hold that it was put into last; those in none are absent. */
  itemsOf(integrationId: string, objects: HeldObject[]): Promise<(HeldItem & { holdId: string })[]>;
  /** The same of all memberships in a group. */
  ofGroup(integrationId: string, groupId: string): Promise<(HeldItem & { holdId: string })[]>;
  /** Put items into a hold, or replace them there. */
  put(key: HoldKey, items: HeldItem[]): Promise<void>;
  remove(key: HoldKey, objects: HeldObject[]): Promise<void>;
};
