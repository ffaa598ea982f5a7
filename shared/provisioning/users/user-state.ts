import { isOpenForSure, isShutAt } from "../../model/account-facts.ts";
import { isLetIn, isStaged, type SavedUser } from "../../model/directory.ts";
import type { Integration } from "../../model/integration.ts";
import { remoteIdAt, type UserLink, type UserObserved } from "../../model/link.ts";
import type { Profile } from "../../model/profile.ts";
import { isRemovalDone, type State } from "../../model/receipt.ts";
import { possibleAccount } from "../accounts/account-names.ts";
import {
  desiredOf,
  isInScope,
  isTakenOut,
  isUnmanaged,
  removalOf,
  takenOut,
  unassigned,
} from "../assignments/assignment.ts";
import { stateAfter } from "../attempts/next-try.ts";
import type { UserReads } from "../ports/call-reads.ts";
import type { LinkKey } from "../ports/link-store.ts";
import type { Ports } from "../ports/ports.ts";

/**
 * The saved user and the link. `isOrdered`: the user was read or written after the link was read. Then an attempt that
 * begins at this revision of the link cannot undo a later value: the call that saved one has yet to come to the link.
 */
export type UserState = { saved: SavedUser | undefined; link: UserLink; isOrdered: boolean };

/** Both as they are now, one after the other. */
export const readUserState = async (
  ports: Ports,
  integrationId: string,
  userId: string,
): Promise<UserState> => {
  const key = { integrationId, id: userId };
  const link = userLinkOrNew(key, await ports.userLinks.read(key));
  return { saved: await ports.users.read(userId), link, isOrdered: true };
};

/** Of many users, in batches. They tell who needs nothing; before anything is sent for one, the state is read in order. */
export const readUserStates = async (
  ports: Ports,
  integrationId: string,
  userIds: string[],
): Promise<Map<string, UserState>> => {
  if (userIds.length === 0) return new Map();
  const read = await ports.reads.users(integrationId, userIds);
  return new Map([...read].map(([id, reads]) => [id, unorderedState({ integrationId, id }, reads)]));
};

/** The state by reads that were of one request. */
export const unorderedState = (key: LinkKey, { saved, link }: UserReads): UserState => ({
  saved,
  link: userLinkOrNew(key, link),
  isOrdered: false,
});

/** A link that is not there is an empty one at revision 0. */
export const userLinkOrNew = (key: LinkKey, link: UserLink | undefined): UserLink =>
  link ?? { ...key, rev: 0, assignment: unassigned, observed: { attempts: 0 } };

/** The account that the user is to have and has, known to be open, whatever else of it could not be changed. */
export const openAccountOf = (
  integration: Integration,
  { saved, link: { assignment, observed, attempt } }: Pick<UserState, "saved" | "link">,
): string | undefined => {
  const isWanted = !attempt && desiredOf(assignment, saved) === "active";
  return isWanted && isOpenForSure(observed) ? remoteIdAt(integration, observed) : undefined;
};

/**
 * Of the account, and of the groups that may hold it since it came back and are not the user's. Derived from versions and
 * never stored, so no crash can leave it wrong.
 */
export const userState = (
  integration: Integration,
  profile: Profile,
  link: UserLink,
  saved: SavedUser | undefined,
): State => {
  const { assignment, observed } = link;
  const mayBeInOthers = observed.mayBeIn?.some((groupId) => !assignment.groups.includes(groupId));
  const state = accountState(integration, profile, link, saved);
  const isHeldBack = isTakenOut(assignment, saved) && assignment.groups.length > 0;
  if (isRemovalDone(state) && isHeldBack) return "skipped";
  return state === "in_sync" && mayBeInOthers ? "pending" : state;
};

/** Of the account alone. */
export const accountState = (
  integration: Integration,
  profile: Profile,
  link: UserLink,
  saved: SavedUser | undefined,
): State => {
  const { observed, assignment, attempt } = link;
  if (attempt) return "pending";
  if (isUnmanaged(link)) return "unmanaged";
  if (!isInScope(assignment) || !saved || saved.deleted)
    return removalState(integration, profile, link, saved);
  // A changed mapping makes nothing due: see `isOutdated`.
  if (observed.version !== saved.version) return "pending";
  if (observed.lastError) return stateAfter(observed.lastError);
  const isElsewhere = observed.remoteId !== undefined && observed.baseUrl !== integration.baseUrl;
  // An account may be there, or turn up, and would be open.
  const isSought = observed.remoteId === undefined && possibleAccount(integration, observed) !== undefined;
  if (isElsewhere || isSought) return "pending";
  if (observed.unconfirmed) return "unconfirmed";
  if (!isAsWanted(observed, isLetIn(saved))) return "pending";
  // One whose account is destroyed by being shut out is as wanted, and was there.
  const isNew = observed.remoteId === undefined && observed.lastSuccessAt === undefined;
  return isNew ? "skipped" : "in_sync";
};

/**
 * Whether the mapping has changed since anything was last sent to one who is in step. What differs goes with the next change
 * of the user, or when somebody asks for it.
 */
export const isOutdated = ({ mappingVersion }: Integration, { observed }: UserLink, state: State): boolean =>
  state === "in_sync" && observed.mappingVersion !== mappingVersion;

/** Why a user is skipped. */
export const skippedReason = ({ assignment }: UserLink, saved: SavedUser): string =>
  assignment.excluded ? takenOut : notActiveReason(saved);

/** Why a user in scope gets no account. */
export const notActiveReason = ({ user, lock }: SavedUser): string => {
  if (lock) return "the user is locked";
  return isStaged(user) ? "the user is staged" : "the user is not active and was never provisioned";
};

const isAsWanted = (observed: UserObserved, isActive: boolean): boolean => {
  const { remoteId, pushed, uncertain, openingAt, closingAt } = observed;
  if (isActive) return remoteId !== undefined && isOpenForSure(observed);
  const mayBeOpen = uncertain?.active === true || openingAt !== undefined || closingAt !== undefined;
  return remoteId === undefined || (pushed?.active !== true && !mayBeOpen);
};

const removalState = (
  integration: Integration,
  profile: Profile,
  { assignment, observed }: UserLink,
  saved: SavedUser | undefined,
): State => {
  const isShut = isShutAt(integration, observed);
  const removal = removalOf(assignment, saved);
  const { remoteId, lastError } = observed;
  if (!remoteId && possibleAccount(integration, observed) && removal !== "none")
    return lastError ? stateAfter(lastError) : "pending";
  if (removal === "delete") {
    if (!remoteId || (profile.delete === "deactivates" && isShut)) return "deleted";
    // It is closed, which is told until it is deleted.
    if (assignment.deleteFrom && !lastError && isShut) return "deprovisioned";
  } else if (removal === "none" || !remoteId || isShut) return "deprovisioned";
  if (lastError) return stateAfter(lastError);
  // It was closed, and a verification has found it open.
  return observed.unconfirmed?.foundAt && observed.unconfirmed.expected.active === false
    ? "unconfirmed"
    : "pending";
};
