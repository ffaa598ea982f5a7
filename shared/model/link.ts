import type { Asked, Serves } from "./asked.ts";
import type { Intent, Outcome } from "./attempt.ts";
import type { Attributes } from "./attributes.ts";
import type { FailureCode } from "./failure.ts";
import type { Removal } from "./integration.ts";
import type { ExistingWish, Work } from "./work.ts";

/** What was asked for: who holds the user in the integration. Changed by callers, never by an attempt. */
export type UserAssignment = {
  direct: boolean;
  /** Bound groups that hold the user. */
  groups: string[];
  /** Taken out by a call, also against groups that hold the user, until assigned directly again. */
  excluded: boolean;
  /** Who has taken the user out, when (RFC 3339), and why. Absent for those who left, and who were taken out before 0.2. */
  exclusion?: Exclusion;
  /** Set while the user is out of scope: what is to become of the account. */
  removal?: Removal;
  /** The guard has let the account go: work that goes on by itself does not ask it again. Only with `removal`. */
  letGo?: true;
  /** The same of one in scope, who is not let in as saved in this version of the directory user. */
  closedAs?: number;
  /** Out since the user left the directory: a group that holds them once they are back ends that. */
  left?: true;
  /** Of a leaver who is to be deleted: until then (RFC 3339) the account is closed only, and who comes back keeps it. */
  deleteFrom?: string;
};

export type Exclusion = { since: string; by: string; reason?: string };

export type GroupAssignment = {
  bound: boolean;
  /** The version of the directory group up to which a caller has confirmed who is to be taken out. */
  confirmed?: number;
  /** What a verification had found of the group by then, by its `foundAt`: who was found extra is among them. */
  confirmedFound?: string;
  /** Set once unbound: whether the group is to be deleted at the service provider or left as it is. */
  removal?: "unbind" | "delete";
  /** Who bound it, or unbound it. */
  asked?: Asked;
  existing?: ExistingWish;
};

/**
 * What a 2xx, or a read after one, plainly shows otherwise than it was sent. By path; null stands for no value. `foundAt`
 * (RFC 3339): a verification has found it so, and nobody has sent anything since; of one that is not there at all the path
 * is `id`.
 */
export type Unconfirmed = { expected: Attributes; seen: Attributes; foundAt?: string };

type LastError = { code: FailureCode; detail: string; status?: number };

/** What every link tells of its attempts; it outlives the events' expiry. Times are RFC 3339. */
export type AttemptHistory = {
  attempts: number;
  since?: string;
  lastAttemptAt?: string;
  lastSuccessAt?: string;
  lastEventId?: string;
  lastError?: LastError;
  /** Failures in a row. */
  failures?: number;
  /** RFC 3339: until when the provider wants no further try (Retry-After). */
  notBefore?: string;
  /** What the failed attempt was to carry out, and the next one is. */
  unserved?: Serves;
  /** Keeps the object out of `in_sync` until it is sent again, or seen as it should be. */
  unconfirmed?: Unconfirmed;
  /** When the provider accepted a creation (202) that it has not shown yet. */
  acceptedAt?: string;
  /** When a creation was sent last whose outcome is unknown: for a while it may be carried out yet. */
  uncertainAt?: string;
  /** When the provider answered our creation of the resource that `remoteId` names. */
  createdAt?: string;
};

/**
 * What was given up at the service provider. `deletedAt`: when the provider took our deletion of it, or may have taken it,
 * which it may carry out a moment later.
 */
export type Former = { remoteId: string; deletedAt?: string };

/** What is known of the account at the service provider. Written by the holder of the attempt alone. */
export type UserObserved = AttemptHistory & {
  remoteId?: string;
  /** Base URL under which `remoteId` was learned: under another one the id is verified before use. */
  baseUrl?: string;
  /** The values last pushed; the next PATCH is the difference from these. A path in doubt is left out. */
  pushed?: Attributes;
  /**
   * Values that may be there instead, since the outcome of sending or clearing them is unknown, or that may be there yet
   * although another is shown, which is `pushed` then. null stands for no value.
   */
  uncertain?: Attributes;
  /**
   * When a request was sent last that opens the account, and whose outcome is unknown: for a while it may be carried
   * out yet.
   */
  openingAt?: string;
  /** When the provider accepted (202) what closes the account, by `isDeleting` a DELETE, and did not show it to be done. */
  closingAt?: string;
  /** A DELETE was sent whose outcome is unknown: an account that is gone was deleted by it. */
  isDeleting?: true;
  /** The userName that the provider shows, where it is another spelling than the one pushed. */
  shownName?: string;
  /**
   * The account that was given up, and the paths it was given: what is no longer wanted of them goes, should it return.
   */
  former?: Former & { paths: string[] };
  /** The account that was found there rather than made: groups may hold it that it was not pushed to. */
  found?: string;
  /**
   * Groups that the account shows itself in, by their ids there: while its attempt is under way, for `mayBeIn` to be
   * found.
   */
  shownIn?: string[];
  /** The directory user who had the account before: while its attempt is under way, for their memberships to be found. */
  heldBy?: string;
  /** Groups that may hold the account, which came back with its memberships, and that are not the user's. */
  mayBeIn?: string[];
  /** userName and externalId of a creation whose outcome is unknown: an account of these may be there, or turn up. */
  uncertainCreation?: Attributes;
  /**
   * The paths that creations of unknown outcome have sent: what is no longer wanted of them goes, should the account
   * turn up.
   */
  sent?: string[];
  /** What the user was looked up by when the provider could not tell whether an account is there. */
  unseen?: Attributes;
  /** The names of an account that was to go and was not found elsewhere: under this base URL it is looked for again. */
  elsewhere?: { baseUrl: string; names: Attributes };
  /** Version of the directory user, and of the integration's mappings, that were last considered. */
  version?: number;
  mappingVersion?: number;
};

export type GroupObserved = AttemptHistory & {
  remoteId?: string;
  baseUrl?: string;
  /** The name last pushed. */
  name?: string;
  /** The name under which the provider shows the group, where it is another spelling of `name`. */
  shownName?: string;
  /** Names that the group may have instead, since the outcome of renaming it is unknown. */
  uncertainNames?: string[];
  /**
   * When a PUT of the group was sent last, and had no answer: for a while it may be carried out behind what was sent since,
   * and bring back the members and the name that it was made of.
   */
  putAt?: string;
  /** Version of the directory group up to which its member changes are pushed. */
  version?: number;
  /** When `version` was reached: change marks older than their expiry need a full comparison. */
  versionAt?: string;
  /** The account of a member changed: those who wait are to be looked at, whatever the version. */
  isDue?: true;
  /** The name of a creation whose outcome is unknown: a group of it may be there, or turn up. */
  uncertainCreation?: string;
  /** The group that was deleted, or of which nobody knows whether it was. */
  former?: Former;
  /** When it was taken over, it had members unknown to the directory. */
  hasOthers?: true;
  ended?: "unbound" | "deleted";
};

/** An attempt under way, or orphaned once `leaseUntil` has passed. */
export type OpenAttempt<O = AttemptHistory> = {
  intent: Intent;
  /** Unix ms. Nothing is sent in the last 5 seconds before. */
  leaseUntil: number;
  /** What the provider shall show once a user attempt has succeeded: recovery compares it. */
  next?: Attributes;
  /** The versions of the user and of the mappings that `next` was made of. */
  considered?: { version?: number; mappingVersion: number };
  /** The resource that is written to, where it is known. */
  remoteId?: string;
  /** Base URL that the attempt is sent to. One that version 0.1 began has none: it counts as that of the link. */
  baseUrl?: string;
  /**
   * What the provider's answers had shown for sure when the attempt was left; with `outcome` it needs only be recorded.
   */
  known?: { observed: O; outcome?: Outcome };
  /** The attempt has sent nothing and is over: it leaves no event, and all is as it was before. */
  isUnsent?: true;
};

export type Link<A, O> = {
  integrationId: string;
  /** userId or groupId. */
  id: string;
  /** Grows with every write of the item; 0 stands for an item that is not there. */
  rev: number;
  assignment: A;
  observed: O;
  attempt?: OpenAttempt<O>;
  /** What is still to be done, and when. Absent where nothing is. */
  work?: Work;
};
export type UserLink = Link<UserAssignment, UserObserved>;
export type GroupLink = Link<GroupAssignment, GroupObserved>;

/** What is known of one user's membership in one integration's group. */
export type PushedMember = {
  userId: string;
  /** The account that was pushed, or taken out, by its id at the provider. */
  remoteId: string;
  /**
   * Whether the account is in the group. `out` stays for a while as the trace of the attempt. `unknown`: the outcome of
   * adding or removing it is unknown, or a 2xx shows otherwise, or the account was shut out since and is back, which some
   * providers take out of their groups. Then it waits: the next call adds or removes it, whatever the directory says.
   */
  presence: "in" | "out" | "unknown";
  /** Of one `in`: `eventId` found it there. Recovery must not tell that this attempt added it. */
  foundThere?: true;
  /** Of one `out`: the group was not told, since the account was gone. Kept for as long as the account may come back. */
  isUnsent?: true;
  /** Of one `unknown`: `eventId` sent it to be added, and its event does not tell that it was. The next one does. */
  isUntold?: true;
  /** Of one `unknown`: when the account was shut out that is back. For a while a read may show the group as before that. */
  shutOutAt?: string;
  /** Of one `unknown`: the removal was accepted, and may take effect yet, whatever a read shows until then. */
  mayLeave?: true;
  /**
   * Of one `unknown` whom `eventId` took out: when the attempt began that sent them to be added, and had no answer. For a
   * while it may be carried out behind the removal, so they are taken out once more, which no event tells again.
   */
  addedAt?: string;
  /**
   * Of one not `out`: when a request was sent last that adds them, and had no answer. For a while it may be carried out
   * once more, also behind a removal.
   */
  lateAt?: string;
  since: string;
  by: string;
  eventId: string;
};

/** The id that the object has under this base URL; ids that were learned under another one may be somebody else's. */
export const remoteIdAt = (
  { baseUrl }: { baseUrl: string },
  observed: { remoteId?: string; baseUrl?: string },
): string | undefined => (observed.baseUrl === baseUrl ? observed.remoteId : undefined);
