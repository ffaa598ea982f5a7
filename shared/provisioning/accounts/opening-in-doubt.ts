import { omit } from "../../common/objects.ts";
import { readAttribute } from "../../mapping/remote-attributes.ts";
import type { AttributeChange, Attributes } from "../../model/attributes.ts";
import type { UserObserved } from "../../model/link.ts";
import type { Profile } from "../../model/profile.ts";
import { isRecent } from "../attempts/fresh-creation.ts";
import { failedOutcome, noteFailure } from "../attempts/provider-failure.ts";
import { accountTitle } from "./account-names.ts";
import { withUncertain } from "./uncertain-values.ts";
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

/** Whether the account is known to be shut out, but for an opening in doubt. */
export const awaitsLook = ({ pushed, uncertain, openingAt }: UserObserved): boolean =>
  openingAt !== undefined && pushed?.active === false && uncertain?.active !== true;

/** Read the account once. Where it is not shown to be shut out, the next plan shuts it out again. */
export const lookAgain = async (work: UserContext): Promise<UserOutcome> => {
  const { provider, link } = work;
  const about = { eventType: "user_lookup_provision" as const, changes: [] };
  try {
    const account = await provider.readUser(String(link.observed.remoteId));
    const isShut = account !== undefined && readAttribute(account.resource, "active") === false;
    const settled = omit(link.observed, "openingAt");
    const notes = [isShut ? "The account is still shut out." : "The account is not shown to be shut out."];
    return {
      outcome: { success: true, ...about, answer: provider.lastAnswer(), notes },
      observed: isShut ? settled : withUncertain(settled, [{ path: "active", to: true }]),
    };
  } catch (error) {
    const failure = await noteFailure(work, error, `Reading the account ${accountTitle(link)} failed`);
    return { outcome: failedOutcome(failure, about, provider), observed: link.observed, failure };
  }
};
