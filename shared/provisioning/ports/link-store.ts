import type { Page, PageOf } from "../../common/cursor.ts";
import type {
  GroupAssignment,
  GroupObserved,
  Link,
  OpenAttempt,
  UserAssignment,
  UserObserved,
} from "../../model/link.ts";
import type { Rest, Work } from "../../model/work.ts";

export type LinkKey = { integrationId: string; id: string };

/** An attempt as its holder has it: with the lease that it took, which is earlier than that of a later holder. */
export type Held = Pick<OpenAttempt, "intent" | "leaseUntil">;

/** The mark of work from now on, or how the link rests: null takes it away, undefined leaves it as it is. */
export type NextWork = Work | Rest | null | undefined;

/**
 * Links of one kind (users or groups) to integrations: what is asked for, what is known, the attempt under way, and the
 * mark of what is still to be done. Every read but `list` is strongly consistent; every write is one conditional write of
 * one item.
 */
export type LinkStore<A, O> = {
  read(key: LinkKey): Promise<Link<A, O> | undefined>;
  /** The object's links in all integrations. */
  ofObject(id: string): Promise<Link<A, O>[]>;
  /** Links of an integration, by id. Throws Failure `invalid-cursor`. */
  list(integrationId: string, page: Page): Promise<PageOf<Link<A, O>>>;
  /** Save what is asked for, if the item is still at `rev` (0: absent). Undefined where it moved: read again. */
  assign(key: LinkKey, rev: number, assignment: A, work?: NextWork): Promise<Link<A, O> | undefined>;
  /**
   * Write the intent and take the lease in one write, if the item is still at `rev` and nobody holds it. With
   * `assignment` that is saved in the same write, which alone can begin where no item is (rev 0).
   */
  begin(key: LinkKey, rev: number, attempt: OpenAttempt, assignment?: A): Promise<boolean>;
  /**
   * Take over an orphan: succeeds only while `attemptId` is still the item's and its lease had ended at `now` (Unix
   * ms).
   */
  takeOver(key: LinkKey, attemptId: string, leaseUntil: number, now: number): Promise<boolean>;
  /** Replace the open attempt by what it has come to. False where it is no longer the item's: send nothing more. */
  mark(key: LinkKey, attempt: OpenAttempt): Promise<boolean>;
  /**
   * End the attempt: save what is known now and free the item. The link then; undefined where the attempt is no longer
   * the item's, or somebody took it over. `then.work` counts only where the item is still at `then.rev`, if that is
   * given: where others have written since, `then.moved` does.
   */
  settle(
    key: LinkKey,
    attempt: Held,
    observed: O,
    then?: { work: NextWork; rev?: number; moved?: Work },
  ): Promise<Link<A, O> | undefined>;
  /** Let the holder see, when it settles, that others have written. False where the attempt has ended meanwhile. */
  nudge(key: LinkKey, attemptId: string): Promise<boolean>;
  /** End the lease and keep the attempt as it is here, for recovery. Changes nothing where somebody took it over. */
  abandon(key: LinkKey, attempt: OpenAttempt<O>): Promise<void>;
  /** Save what is known without an attempt, if the item is still at `rev` and nobody holds it. */
  note(key: LinkKey, rev: number, observed: O, work?: NextWork): Promise<boolean>;
  /** Set the mark of work, or take it away, if the item is still at `rev`, whoever holds it. */
  schedule(key: LinkKey, rev: number, work: Work | Rest | null): Promise<boolean>;
};
export type UserLinkStore = LinkStore<UserAssignment, UserObserved>;
export type GroupLinkStore = LinkStore<GroupAssignment, GroupObserved>;

/** One account at the provider belongs to one directory object. Claims made under another base URL are void. */
export type ClaimStore = {
  /** Claim it for `ownerId`: the owner afterwards, which is somebody else where the claim was lost. */
  claim(claim: Claim): Promise<Claimed>;
  /** Move the claim from the owner that `claim` answered, in one write, if it has not been made again since. */
  move(claim: Claim, from: Claimed): Promise<boolean>;
  ownerOf(claim: Omit<Claim, "ownerId">): Promise<string | undefined>;
  /** Owners of many accounts at once, by remote id; those unclaimed are absent. */
  ownersOf(claim: Omit<Claim, "ownerId" | "remoteId">, remoteIds: string[]): Promise<Map<string, string>>;
  /** Give it up, if `ownerId` still owns it. Who claims it next is told of them. */
  release(claim: Claim): Promise<void>;
};
/** `formerId`: the owner before. `rev`: see `Claim`. */
export type Claimed = { ownerId: string; formerId?: string; rev?: number };
export type Claim = {
  integrationId: string;
  kind: "user" | "group";
  baseUrl: string;
  remoteId: string;
  ownerId: string;
  /** The revision of the owner's link when it claimed: that of a claim which is made again is another one. */
  rev?: number;
};

/** An attempt that somebody began and nobody ended. */
export type OpenAttemptRef = { kind: "user" | "group" | "integration" | "hold"; key: LinkKey };
export type AttemptIndex = {
  /** Attempts whose lease ended before `before` (Unix ms), by the sparse index: eventually consistent. */
  orphans(before: number): Promise<OpenAttemptRef[]>;
};
