import { omit } from "../../common/objects.ts";
import type { AttributeChange, Attributes } from "../../model/attributes.ts";
import type { UserObserved } from "../../model/link.ts";
import type { Profile } from "../../model/profile.ts";
import { isRecent } from "../attempts/fresh-creation.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";

type Sent = { changes?: AttributeChange[]; next?: Attributes };

/** Whether what is sent opens an account that is shut out. Without `changes` it is made, or found, and opened. */
export const opensAccount = (
  { changes, next }: Sent,
  { updates }: Partial<Pick<Profile, "updates">>,
): boolean => {
  // A PUT sends all of the account.
  if (!changes || updates === "put") return next?.active === true;
  return changes.some(({ path, to }) => path === "active" && to === true);
};

/**
 * A request that opens the account, and whose answer never came, may be carried out late, even behind a later one that
 * shuts the account out. So it stays on record with its time until something that was sent, or read, long enough after it
 * settles it. `since`: when the attempt was begun. Unix ms.
 */
export const noteOpening = (
  { provider, ports, integration }: UserContext,
  sent: Sent,
  worked: UserOutcome,
  since: number,
): UserOutcome => {
  const { observed, outcome } = worked;
  if (observed.remoteId === undefined) return worked;
  const openingAt = opensAccount(sent, ports.profileOf(integration)) ? provider.unansweredAt() : undefined;
  if (openingAt !== undefined) return { ...worked, observed: { ...observed, openingAt } };
  const isSettled = outcome.success && !isRecent(observed.openingAt, since);
  return isSettled ? { ...worked, observed: omit(observed, "openingAt") } : worked;
};

/**
 * Whether a read is to tell: the account is known to be shut out, but for an opening in doubt, or its closing was
 * accepted.
 */
export const awaitsLook = ({ pushed, uncertain, openingAt, closingAt }: UserObserved): boolean =>
  closingAt !== undefined ||
  (openingAt !== undefined && pushed?.active === false && uncertain?.active !== true);

/** Whether the deletion of the account was accepted, and is not shown to be done. */
export const isDying = ({ closingAt, isDeleting }: UserObserved): boolean =>
  closingAt !== undefined && isDeleting === true;
