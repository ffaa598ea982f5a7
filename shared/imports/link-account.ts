import { omit } from "../common/objects.ts";
import { existingUser } from "../directory/save-user.ts";
import { fitAttributes } from "../mapping/fit-attributes.ts";
import { mapPartly } from "../mapping/map-user.ts";
import { managerTarget } from "../mapping/sends-manager.ts";
import type { SavedUser } from "../model/directory.ts";
import { remoteIdAt, type UserLink, type UserObserved } from "../model/link.ts";
import { possibleAccount } from "../provisioning/accounts/account-names.ts";
import { claimAccount } from "../provisioning/accounts/claim-account.ts";
import { compareAccount } from "../provisioning/accounts/compare-account.ts";
import { withoutAccount } from "../provisioning/accounts/forget-account.ts";
import { ownedAccount } from "../provisioning/accounts/owned-account.ts";
import { isInScope, isNeverHeld, unassigned } from "../provisioning/assignments/assignment.ts";
import { claimRemote, releaseRemote } from "../provisioning/attempts/claim-remote.ts";
import type { Context, IntegrationContext } from "../provisioning/ports/ports.ts";
import { readUserState } from "../provisioning/users/user-state.ts";
import { workOfUser } from "../provisioning/users/work-of-user.ts";
import type { Account } from "./account-items.ts";
import { tellLink } from "./tell-link.ts";

const maxTries = 10;

/** How an account is linked. */
type Linking = {
  account: Account;
  /** Whether it has an event of its own: there is none where the user was made of the account. */
  isTold: boolean;
  /** The account that the user had, and that is gone at the service provider. */
  replaced?: string | undefined;
};

/**
 * Make the account that of a directory user: claimed, and on record with what it shows, so that nothing but a difference is
 * sent once somebody holds the user. Nothing is sent now. Safe to repeat, and to be cut off at any point: a claim that no
 * link names keeps nobody from the account.
 * @returns why not, where it is not to be linked
 * @throws Failure `account-claimed` where it belongs to another, `audit-unavailable`
 */
export const linkAccount = async (
  context: Context,
  userId: string,
  { account, isTold, replaced }: Linking,
): Promise<string | undefined> => {
  const { ports, integration } = context;
  const { integrationId } = integration;
  const key = { integrationId, id: userId };
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const state = await readUserState(ports, integrationId, userId);
    const { link: before } = state;
    // Who leaves meanwhile has an account that is open, which nobody would find without the link.
    const saved = state.saved?.deleted ? state.saved : existingUser(state.saved, userId);
    const known = remoteIdAt(integration, before.observed);
    if (known === account.remoteId) return endOf(context, { saved, link: before }, account);
    const isReplaced = replaced !== undefined && known === replaced;
    const link = isReplaced ? { ...before, observed: withoutAccount(before) } : before;
    const refusal = linkRefusal(context, link, account);
    if (refusal !== undefined) return refusal;
    const claiming = await claimAccount({ ports, integration, link }, account.remoteId);
    const made =
      link.rev > 0 ? before : await ports.userLinks.assign(key, 0, unassigned, { rest: "unmanaged" });
    if (!made) continue;
    const observed = linkedTo(context, { ...made, observed: claiming.observed }, { user: saved, account });
    // What came of it is read, and looked at once more.
    if (!(await keepLink(context, { saved, link: made }, { observed, isTold })))
      await ports.clock.sleep(5 * tries);
    else if (isReplaced) await releaseRemote(ports, "user", before);
  }
  return `User ${userId} keeps changing in this integration. Import the account again.`;
};

type Linked = { saved: SavedUser; link: UserLink };

/** False where others have written to the link meanwhile. */
const keepLink = async (
  context: Context,
  { saved, link }: Linked,
  { observed, isTold }: { observed: UserObserved; isTold: boolean },
): Promise<boolean> => {
  if (isTold) return (await tellLink(context, { saved, link }, observed)) !== "moved";
  const work = workOfUser(context, { saved, link: { ...link, observed } });
  return context.ports.userLinks.note(link, link.rev, observed, work);
};

/**
 * The link names the account: what is left to say. Another call may have taken the claim over before the link did, and then
 * it is not theirs.
 */
const endOf = async (
  context: Context,
  { saved, link }: Linked,
  account: Account,
): Promise<string | undefined> => {
  if (await isOurs(context, link, account))
    return saved.deleted ? leftMeanwhile(link.id, account) : undefined;
  const observed = withoutAccount(link);
  await keepLink(context, { saved, link }, { observed, isTold: false });
  return `Account ${account.remoteId} was given to another user at the same time. Import it again.`;
};
const leftMeanwhile = (userId: string, { remoteId }: Account): string =>
  `User ${userId} left the directory while account ${remoteId} was imported, which nobody has closed: GET /attention says how to.`;

/** Why the account is not to be given to that user by a list alone; undefined where it may be, or is theirs. */
export const linkRefusal = (
  { integration }: Pick<IntegrationContext, "integration">,
  { id, assignment, observed, attempt }: UserLink,
  { remoteId }: Account,
): string | undefined => {
  // An id of another base URL is no account here.
  const known = remoteIdAt(integration, observed);
  if (known === remoteId) return undefined;
  if (attempt) return `Another call is at user ${id} in this integration. Import the account again.`;
  if (known !== undefined)
    return `User ${id} has the account ${known} already. Name another user with userId, or none to make a new one.`;
  if (possibleAccount(integration, observed))
    return `It is not known yet whether user ${id} was given an account. Provision the user first, which finds out.`;
  if (!isNeverHeld(assignment) && !isInScope(assignment))
    return `User ${id} was taken out of this integration, which would close the account. Assign the user, who then gets it where it has their name.`;
  return undefined;
};

const linkedTo = (
  { ports, integration }: IntegrationContext,
  link: UserLink,
  { user: saved, account: { remoteId, shown } }: { user: SavedUser; account: Account },
): UserObserved => {
  const manager = shown[managerTarget];
  const managerRemoteId = saved.user.manager && typeof manager === "string" ? manager : undefined;
  const subject = { user: saved.user, userId: saved.userId, managerRemoteId };
  const { attributes } = mapPartly(subject, integration.attributeMappings);
  const fitted = fitAttributes(attributes, { ...ports.profileOf(integration), requiredAttributes: [] });
  const next = "attributes" in fitted ? fitted.attributes : {};
  const there = { id: remoteId, resource: shown };
  const { known } = compareAccount(there, next, link);
  // Whoever checks later whether this is the tenant knows the account by its name, whatever the mapping makes of the user.
  const { userName } = shown;
  const seen = userName === undefined ? known : { userName, ...known };
  return { ...omit(ownedAccount({ link, integration }, there, seen), "heldBy"), found: remoteId };
};

/** Claimed anew at this revision, so that nobody takes it over who read the link before. */
const isOurs = async (
  { ports, integration }: IntegrationContext,
  link: UserLink,
  { remoteId }: Account,
): Promise<boolean> =>
  (await claimRemote({ ports, integration }, "user", link, remoteId)).ownerId === link.id;
