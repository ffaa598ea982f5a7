import type { UserLink } from "../../model/link.ts";
import { claimRemote, requireClaim } from "../attempts/claim-remote.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { withoutAccount } from "./forget-account.ts";

type Claiming = IntegrationContext & { link: UserLink };

/**
 * Make the account this user's own. A user who was deleted from the directory gives it up to the one who matches it now:
 * first their link forgets it, so that none of their calls can close it any more, then the claim moves. Cut off in
 * between, it is claimed and linked by nobody else, and the next call for either of them gets it. The link, with what
 * the user who had it before was given there.
 * @throws Failure `account-claimed` where it belongs to another
 */
export const claimAccount = async (work: Claiming, remoteId: string): Promise<UserLink> => {
  const claimed = await claimRemote(work, "user", work.link, remoteId);
  if (claimed.ownerId === work.link.id) return inherit(work, remoteId, claimed.formerId);
  await giveUpOfDeleted(work, claimed.ownerId, remoteId);
  const { formerId } = await requireClaim(work, "user", work.link, remoteId);
  return inherit(work, remoteId, formerId);
};

/** What is known of the account by the user who gave it up, who is another one than `link` is of. */
export const inherit = async (
  { ports, integration: { integrationId }, link }: Claiming,
  remoteId: string,
  formerId: string | undefined,
): Promise<UserLink> => {
  if (formerId === undefined || link.observed.remoteId === remoteId) return link;
  const before = (await ports.userLinks.read({ integrationId, id: formerId }))?.observed.former;
  // Where ids follow names, an id may be that of another account than it was.
  if (before?.remoteId !== remoteId) return link;
  return { ...link, observed: { ...link.observed, former: before, heldBy: formerId } };
};

const giveUpOfDeleted = async (
  { ports, integration: { integrationId } }: Claiming,
  ownerId: string,
  remoteId: string,
): Promise<void> => {
  const key = { integrationId, id: ownerId };
  // The link is read first: one who is saved and provisioned again after this moves it, and keeps the account.
  const theirs = await ports.userLinks.read(key);
  const saved = await ports.users.read(ownerId);
  if (!theirs || (saved && !saved.deleted) || theirs.observed.remoteId !== remoteId) return;
  await ports.userLinks.note(key, theirs.rev, withoutAccount(theirs));
};

/** For the event. */
export const heldByNotes = ({ observed: { heldBy } }: Pick<UserLink, "observed">): string[] =>
  heldBy === undefined
    ? []
    : [`The account was that of directory user ${heldBy} before, who has given it up.`];
