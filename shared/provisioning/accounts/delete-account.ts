import { afterFailure } from "../attempts/after-failure.ts";
import { unlessFresh } from "../attempts/fresh-creation.ts";
import { failed, mayBeDeleted, noteUnauthorized, notThere, toFailure } from "../attempts/provider-failure.ts";
import type { ProviderFailure } from "../ports/service-provider.ts";
import type { UserPlan } from "../users/plan-user.ts";
import { whereIsAccount } from "./account-whereabouts.ts";
import { isOwn, nameOf } from "./change-account.ts";
import { goneAlready, noLongerThere, notKnownThere, withoutAccount } from "./forget-account.ts";
import type { UserWork, UserWorked } from "./user-work.ts";

type Deletion = Extract<UserPlan, { kind: "delete" }>;

const eventType = "user_delete_provision";

/** DELETE; a 404 is success, unless a look shows that it was said of an account that is there. */
export const deleteAccount = async (work: UserWork, plan: Deletion): Promise<UserWorked> => {
  const { provider, link } = work;
  try {
    if (plan.verify && !(await isOwn(work, plan.remoteId)))
      return goneAlready(work, eventType, notKnownThere);
    if (!(await provider.deleteUser(plan.remoteId))) throw notThere();
  } catch (error) {
    return afterFailure(error, (cause) => deletionFailed(work, plan, cause));
  }
  const { pushed } = link.observed;
  return {
    outcome: { success: true, eventType, changes: [], answer: provider.lastAnswer() },
    // What is only shut out stays known: who comes back gets this account again, with what changed meanwhile.
    observed: deletesByDeactivating(work)
      ? { ...link.observed, pushed: { ...pushed, active: false } }
      : withoutAccount(link),
    does: "deleted",
  };
};

const deletionFailed = async (
  work: UserWork,
  { remoteId }: Deletion,
  cause: ProviderFailure,
): Promise<UserWorked> => {
  const { ports, link } = work;
  await noteUnauthorized(ports, work.integration, cause);
  const told = unlessFresh(cause, link.observed, ports.clock.now());
  const failure = toFailure(told, `Deleting the account ${nameOf(link)} failed`);
  const outcome = failed(failure, eventType, [], work.provider);
  const where = mayBeDeleted.has(cause.kind) ? await whereIsAccount(work, remoteId) : "unknown";
  if (where === "late") return { outcome, observed: link.observed, failure, again: true };
  if (where === "gone" || where === "elsewhere") return goneAlready(work, eventType, noLongerThere, where);
  return { outcome, observed: link.observed, failure };
};

const deletesByDeactivating = ({ ports, integration }: UserWork): boolean =>
  ports.profileOf(integration).delete === "deactivates";
