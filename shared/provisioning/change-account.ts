import { readAttribute } from "../mapping/remote-attributes.ts";
import { toEventChanges, unconfirmedNotes } from "./adopt-account.ts";
import { withDoubtful, withoutDoubtful } from "./doubtful-values.ts";
import { forgetAccount } from "./forget-account.ts";
import { isAccountGone } from "./is-gone.ts";
import type { UserPlan } from "./plan-user.ts";
import { ProviderFailure, type ServiceProvider } from "./ports/service-provider.ts";
import { asProviderFailure, failed, noteUnauthorized, toFailure } from "./provider-failure.ts";
import type { UserWork, UserWorked } from "./user-work.ts";

export type Change = Extract<UserPlan, { kind: "update" | "deprovision" }>;
export type Deletion = Extract<UserPlan, { kind: "delete" }>;

/** PATCH of the changed paths. A 404 is verified by a read; then the link is dropped, so that the next plan creates. */
export const changeAccount = async (work: UserWork, plan: Change): Promise<UserWorked> => {
  const { provider, link } = work;
  const eventType = plan.kind === "deprovision" ? "user_deprovision" : "user_update_provision";
  const changes = toEventChanges(plan.changes);
  let unconfirmed: string[] = [];
  try {
    if (plan.kind === "deprovision" && plan.verify && !(await isOwn(work, plan.remoteId))) {
      return goneAlready(work, "user_deprovision", "The account is not known under the new base URL.");
    }
    unconfirmed = await provider.patchUser(plan.remoteId, plan.changes);
    if (plan.kind === "deprovision" && unconfirmed.length > 0) await requireShutOut(provider, plan.remoteId);
    if (plan.kind === "deprovision" && destroysAccounts(work)) return destroyed(work, changes);
  } catch (error) {
    const cause = asProviderFailure(error);
    await noteUnauthorized(work.ports, work.integration, cause);
    const failure = toFailure(cause, `Changing the account ${nameOf(link)} failed`);
    const outcome = failed(failure, eventType, changes, provider);
    if (cause.kind === "not-found" && (await isAccountGone(provider, plan.remoteId))) {
      if (plan.kind === "deprovision")
        return goneAlready(work, "user_deprovision", "The account no longer exists at the service provider.");
      return { outcome, observed: await forgetAccount(work), failure, again: true };
    }
    const observed = cause.maybeApplied ? withDoubtful(link.observed, plan.changes) : link.observed;
    return { outcome, observed, failure };
  }
  return {
    outcome: {
      success: true,
      eventType,
      changes,
      answer: provider.lastAnswer(),
      notes: plan.kind === "update" ? unconfirmedNotes(unconfirmed) : [],
    },
    observed: { ...withoutDoubtful(link.observed, plan.changes), pushed: plan.next },
    does: plan.kind === "deprovision" ? "deprovisioned" : plan.does,
  };
};

/** An answer that shows the account active may be older than the change; a read may not. */
const requireShutOut = async (provider: ServiceProvider, remoteId: string): Promise<void> => {
  const account = await provider.readUser(remoteId);
  if (!account || readAttribute(account.resource, "active") !== true) return;
  throw new ProviderFailure("rejected", "The service provider accepted it and left the account active");
};

const destroysAccounts = ({ ports, integration }: UserWork): boolean =>
  ports.profileOf(integration).deactivate === "destroys";

/** Where `active: false` takes the account away there is nothing to come back to: a user who returns is looked up anew. */
const destroyed = async (
  work: UserWork,
  changes: ReturnType<typeof toEventChanges>,
): Promise<UserWorked> => ({
  outcome: { success: true, eventType: "user_deprovision", changes, answer: work.provider.lastAnswer() },
  observed: await forgetAccount(work),
  does: "deprovisioned",
});

/** DELETE; a 404 is success. */
export const deleteAccount = async (work: UserWork, plan: Deletion): Promise<UserWorked> => {
  const { provider, link } = work;
  const eventType = "user_delete_provision";
  try {
    if (plan.verify && !(await isOwn(work, plan.remoteId))) {
      return goneAlready(work, eventType, "The account is not known under the new base URL.");
    }
    await provider.deleteUser(plan.remoteId);
  } catch (error) {
    const cause = asProviderFailure(error);
    await noteUnauthorized(work.ports, work.integration, cause);
    if (cause.kind === "unavailable" && (await isAccountGone(provider, plan.remoteId)))
      return goneAlready(work, eventType, "The account no longer exists at the service provider.");
    const failure = toFailure(cause, `Deleting the account ${nameOf(link)} failed`);
    return { outcome: failed(failure, eventType, [], provider), observed: link.observed, failure };
  }
  const { pushed } = link.observed;
  return {
    outcome: { success: true, eventType, changes: [], answer: provider.lastAnswer() },
    // What is only shut out stays known: who comes back gets this account again, with what changed meanwhile.
    observed: deletesByDeactivating(work)
      ? { ...link.observed, pushed: { ...pushed, active: false } }
      : await forgetAccount(work),
    does: "deleted",
  };
};

const deletesByDeactivating = ({ ports, integration }: UserWork): boolean =>
  ports.profileOf(integration).delete === "deactivates";

/** Under a new base URL an id may be somebody else's: it counts as ours only with the name that we gave it. */
const isOwn = async ({ provider, link }: UserWork, remoteId: string): Promise<boolean> => {
  const account = await provider.readUser(remoteId);
  return (
    String(account && readAttribute(account.resource, "userName")).toLowerCase() ===
    String(link.observed.pushed?.userName).toLowerCase()
  );
};

const goneAlready = async (
  work: UserWork,
  eventType: "user_deprovision" | "user_delete_provision",
  note: string,
): Promise<UserWorked> => ({
  outcome: { success: true, eventType, changes: [], answer: work.provider.lastAnswer(), notes: [note] },
  observed: await forgetAccount(work),
  does: eventType === "user_deprovision" ? "deprovisioned" : "deleted",
});

/** The account as people know it, and its id at the provider. */
const nameOf = ({ observed: { pushed, remoteId } }: UserWork["link"]): string =>
  typeof pushed?.userName === "string" ? `${pushed.userName} (${remoteId})` : String(remoteId);
