import type { LastAnswer } from "../../model/attempt.ts";
import { toLagFailure } from "../attempts/fresh-creation.ts";
import { preferUnauthorized } from "../attempts/prefer-unauthorized.ts";
import { failedOutcome, noteFailure, notThere, openDeletionKinds } from "../attempts/provider-failure.ts";
import type { ProviderFailure } from "../ports/provider-failure.ts";
import { isAccepted, isSeenClosed, notCarriedOutYet } from "./accepted-closing.ts";
import { accountTitle } from "./account-names.ts";
import { findMovedAccount } from "./find-moved-account.ts";
import { goneAlready, noLongerThere, withoutDeleted } from "./forget-account.ts";
import { locateAccount } from "./locate-account.ts";
import { withoutUncertain, withUncertainDeletion } from "./uncertain-values.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";
import type { UserPlan } from "./user-plan.ts";
import { isOwnAccount } from "./verify-account.ts";

type Deletion = Extract<UserPlan, { kind: "delete" }>;

const eventType = "user_delete_provision";

/** DELETE; a 404 is success, unless a look shows that it was said of an account that is there. */
export const deleteAccount = async (work: UserContext, plan: Deletion): Promise<UserOutcome> => {
  const { provider, link } = work;
  try {
    if (plan.verify && !(await isOwnAccount(work, plan.remoteId, deletesByDeactivating(work))))
      return findMovedAccount(work, plan.verify, eventType);
    if (!(await provider.deleteUser(plan.remoteId))) throw notThere();
  } catch (error) {
    return preferUnauthorized(error, (cause) => deletionFailed(work, plan, cause));
  }
  const answer = provider.lastAnswer();
  if (isAccepted(answer) && !(await isSeenClosed(work, plan.remoteId, "delete"))) {
    const doubted = { ...withUncertainDeletion(link.observed), baseUrl: work.integration.baseUrl };
    return notCarriedOutYet(work, { eventType, changes: [], answer }, doubted);
  }
  return deleted(work, answer);
};

/** The account was deleted, or shut out by a DELETE. */
export const deleted = (work: UserContext, answer: LastAnswer): UserOutcome => {
  const { link } = work;
  const observed = withoutUncertain(link.observed, [{ path: "active" }]);
  return {
    outcome: { success: true, eventType, changes: [], answer },
    // An account that is only shut out stays known: a user who comes back gets it again, with what changed meanwhile.
    observed: deletesByDeactivating(work)
      ? { ...observed, pushed: { ...observed.pushed, active: false }, baseUrl: work.integration.baseUrl }
      : withoutDeleted(link, work.ports.clock.now()),
    does: "deleted",
  };
};

const deletionFailed = async (
  work: UserContext,
  { remoteId }: Deletion,
  cause: ProviderFailure,
): Promise<UserOutcome> => {
  const { ports, link } = work;
  const where = openDeletionKinds.has(cause.kind) ? await locateAccount(work, remoteId) : "unknown";
  const told = toLagFailure(cause, where, link.observed, ports.clock.now());
  const failure = await noteFailure(work, told, `Deleting the account ${accountTitle(link)} failed`);
  const outcome = failedOutcome(failure, { eventType, changes: [] }, work.provider);
  if (where === "late") return { outcome, observed: link.observed, failure, again: true };
  if (where === "gone" || where === "elsewhere") return goneAlready(work, eventType, noLongerThere, where);
  // One that is there may have been shut out by it, and a read may be older.
  const isUnknown =
    cause.maybeApplied || (cause.kind === "not-found" && ["unknown", "silent"].includes(where));
  return { outcome, observed: isUnknown ? withUncertainDeletion(link.observed) : link.observed, failure };
};

const deletesByDeactivating = ({ ports, integration }: UserContext): boolean =>
  ports.profileOf(integration).delete === "deactivates";
