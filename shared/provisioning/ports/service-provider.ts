import type { LastAnswer } from "../../model/attempt.ts";
import type { AttributeChange, Attributes, RemoteResource } from "../../model/attributes.ts";
import type { Actor } from "../../model/event.ts";
import type { Capabilities } from "../../model/profile.ts";
import type { Target } from "./target.ts";

/**
 * What a 2xx to a change, or a read after one, shows: the paths that it plainly shows as they were before, or with list
 * elements that were to go, and the resource, if it does.
 */
export type Changed = { unconfirmed: string[]; shown?: RemoteResource };

/** What a creation made. `isUnread`: its id alone is known, since nothing that shows it could be read. */
export type CreatedResource = RemoteResource & { isUnread?: true };

/** What a change of a user is sent with. */
export type ChangeOptions = {
  /** All that the account is to show: where a part of an attribute is ignored alone, it goes with the others. */
  next?: Attributes;
  /** What was shown otherwise is not said another way. */
  once?: true;
  /** Shown otherwise by an earlier answer: read where this one shows nothing. */
  isDoubted?: boolean;
};

/** `from`: the name before, where it is known. `isRepeat`: it was sent before, and both ways were tried. */
export type Rename = { from?: string | undefined; isRepeat?: boolean };
/**
 * `findLost`: members, by their ids there, whom the rename took out of the group, which has this id by now. They are to be
 * added again. Reads the group where nothing has shown yet that such a rename keeps them.
 */
export type Renamed = Changed & { findLost(id: string): Promise<string[]> };

/** What became of members, by their ids there. `unconfirmed` are among those added and removed. */
export type MemberOutcome = {
  added: string[];
  removed: string[];
  unconfirmed: string[];
  uncertain: string[];
};

/**
 * The accounts in a group as far as we know; `sure`: those of whom there is no doubt; `out`: those who were taken out a
 * moment ago, and whom a read may still show; `shut`: those that are shut out.
 */
export type KnownMembers = (which: "all" | "sure" | "out" | "shut") => Promise<string[]>;

/** Where a page of a list begins; it can be kept, and gone on from by another process. */
export type ListPlace = Record<string, string | number>;
/**
 * One page of a whole list, and where the next begins, unless it is the last. Lists end early, show some twice and others
 * never, and state wrong totals: what a list does not show may be there.
 */
export type ListPage<T> = { items: T[]; total: number | undefined; next?: ListPlace };
/** `isSilent`: the answer had no list of members, which is an empty one (RFC 7643 section 2.5), or is not shown. */
export type ShownGroup = {
  id: string;
  displayName: string;
  members: string[] | undefined;
  isSilent?: true;
};

/**
 * A SCIM 2.0 service provider (RFC 7644), opened for one attempt. Every call throws `ProviderFailure` and nothing
 * else. Retries of what is safe to repeat are inside; a POST is repeated inside after a 429 alone, since after a lost
 * reply only a lookup can tell whether it hides a created resource.
 */
export type ServiceProvider = {
  /**
   * The users that the profile's filter finds, by `userName` (case-insensitively), `externalId` or `id`, compared again
   * on our side; two at least where there are several. `externalId` is needed where the profile looks users up by it or
   * by id.
   */
  findUsers(userName: string, externalId?: string): Promise<RemoteResource[]>;
  /** The users that the provider finds by our externalId, compared again on our side. Many cannot be asked for it. */
  findUsersByExternalId(externalId: string): Promise<RemoteResource[]>;
  /**
   * The same, or of this `userName`, by the whole list, within bounds; by no more than its first `pages`, where given.
   * None where reading marks as managed.
   */
  listUsers(userName: string, externalId?: string, pages?: number): Promise<RemoteResource[]>;
  /** Undefined where the provider answers 404. */
  readUser(id: string): Promise<RemoteResource | undefined>;
  /**
   * POST. An answer without an id is completed by its Location, else throws `malformed` with `maybeApplied`. A 202
   * without the resource throws `accepted`. The resource is as the provider shows it, perhaps under its own spelling of
   * the name; a 201 that shows another name is read by its id first, and throws `malformed` where that shows another's.
   */
  createUser(attributes: Attributes): Promise<CreatedResource>;
  /**
   * PATCH of the changed paths only, in the profile's style. Needs at least one change. Some providers answer 200 to
   * what they ignore: then one further request says it another way, and what works is remembered; a clear that is
   * answered without a resource is read once instead. A deactivation that no answer shows to be done is read, and
   * `active` is unconfirmed only where the account was read to be active in the end. What is shown may have another id,
   * where ids follow names, or be another resource.
   */
  patchUser(id: string, changes: AttributeChange[], options?: ChangeOptions): Promise<Changed>;
  /** DELETE; false where the provider answers 404. */
  deleteUser(id: string): Promise<boolean>;
  /**
   * The groups whose `displayName` the provider finds and that are of this name but for case, Unicode normal form and
   * blanks around it, compared again on our side. Members left out where the provider allows it.
   */
  findGroups(displayName: string): Promise<RemoteResource[]>;
  /** The same by the whole list, under the terms of `listUsers`. */
  listGroups(displayName: string, pages?: number): Promise<RemoteResource[]>;
  /** The group with the ids of its members; `members` undefined where the profile hides them. Undefined on 404. */
  readGroup(id: string): Promise<ShownGroup | undefined>;
  /**
   * One page of all users; without a place the first. `isDoubted`: read once more, since it has shown little of what is
   * there.
   */
  userPage(place?: ListPlace, isDoubted?: boolean): Promise<ListPage<RemoteResource>>;
  /** The same of all groups. `members` undefined where the profile hides them, or the page shows those of none. */
  groupPage(place?: ListPlace, isDoubted?: boolean): Promise<ListPage<ShownGroup>>;
  /** POST of a group without members. Same rules as `createUser`. */
  createGroup(displayName: string, externalId?: string): Promise<RemoteResource>;
  /**
   * Answers like `patchUser`, where the name before is known; an answer that shows it is followed by one try the other
   * way, by path or without. `known` as for `changeMembers`.
   */
  renameGroup(id: string, displayName: string, rename?: Rename, known?: KnownMembers): Promise<Renamed>;
  /**
   * PATCH of a difference, in chunks of the profile's limit; `done` is called after each chunk that the provider took,
   * so that what is known stays known when a later chunk fails; `unconfirmed` of them are plainly not shown as taken.
   * Each answer that shows the members is held against all that the call has sent by then: a member may be told again,
   * and the last word counts. `uncertain` were sent, and nobody knows whether the provider took them: the call fails
   * after that. What `done` throws ends the call as it is. A chunk that is refused, perhaps for one of its members, is
   * halved; `isLost` is asked about a member who is refused alone, and the others go on: true counts as done for one
   * who leaves, else the refusal is the failure at the end. Without it a refusal ends the call. `known` are the
   * accounts in the group as far as we know: where only a PUT will do and the group does not show them all, it holds
   * these as well, since it takes out whom it leaves out, and the `name` that it was given a moment ago; and a list
   * that lacks others who are in it without a doubt proves nobody gone.
   */
  changeMembers(
    id: string,
    difference: { add: string[]; remove: string[] },
    done: (chunk: MemberOutcome) => Promise<void>,
    further?: {
      isLost?: (memberId: string, op: "add" | "remove") => Promise<boolean>;
      known?: KnownMembers;
      name?: string | undefined;
    },
  ): Promise<void>;
  /** DELETE; false where the provider answers 404. */
  deleteGroup(id: string): Promise<boolean>;
  /** What the provider says that it can do (RFC 7644 §4), else the profile's word. Never fails, never repeats. */
  capabilities(): Promise<Capabilities>;
  /** What the provider said last, discovery apart; empty where nothing was sent. */
  lastAnswer(): LastAnswer;
  /** Requests sent so far, retries included. */
  requestCount(): number;
  /**
   * When a write, or a try of one that was repeated, last ended without the provider's word on it: it may be carried out
   * yet, whatever a repeat was answered. RFC 3339. With `PUT` one that says all of a resource, what was before included.
   */
  unansweredAt(method?: "PUT"): string | undefined;
};

/**
 * Open a provider. `sendUntil` (Unix ms) is the moment after which no request begins; a request under way is cut at
 * `answerUntil`. Nothing is sent by opening.
 */
export type OpenServiceProvider = (target: Target, limits: SendingLimits) => ServiceProvider;

/**
 * `isWanted` is asked before a write that has waited for a second or longer, for a repeat or for the rate limit: where
 * what it carries is wanted no longer, it is not sent, and fails as `superseded`. What it throws ends the call as it is.
 * `isOnce`: a request that fails is not repeated. `actor`: whose correlation id the log tells with each request.
 */
export type SendingLimits = {
  sendUntil: number;
  answerUntil: number;
  isWanted?: () => Promise<boolean>;
  isOnce?: boolean;
  actor?: Pick<Actor, "correlation">;
};
