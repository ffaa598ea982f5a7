import { omit } from "../../common/objects.ts";
import { readAttribute } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import { isRecent } from "../attempts/fresh-creation.ts";
import { outlivesDeletion } from "../attempts/outlive-deletion.ts";
import { failedOutcome, noteFailure } from "../attempts/provider-failure.ts";
import { accountTitle } from "./account-names.ts";
import { deleted } from "./delete-account.ts";
import { goneAlready, noLongerThere } from "./forget-account.ts";
import { locateAccount } from "./locate-account.ts";
import { withoutUncertain, withUncertain } from "./uncertain-values.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";
import type { UserPlan } from "./user-plan.ts";

type Look = Extract<UserPlan, { kind: "look" }>;

const about = { eventType: "user_lookup_provision" as const, changes: [] };

/**
 * Read the account once. Where it is not shown to be shut out, the next plan shuts it out again; after a 202 only once
 * that is old. One whose deletion was accepted, and which is wanted again, is read until it is gone or that is old.
 */
export const lookAgain = async (work: UserContext, { isWanted }: Look): Promise<UserOutcome> => {
  const { ports, provider, link } = work;
  const { remoteId = "", closingAt } = link.observed;
  const since = ports.clock.now();
  const read = () => provider.readUser(remoteId);
  const former = { remoteId, ...(closingAt !== undefined && { deletedAt: closingAt }) };
  try {
    const isGone =
      isWanted && !(await outlivesDeletion(work, former, { noun: "account", id: remoteId, read }));
    const account = isGone ? undefined : await read();
    if (closingAt === undefined) return afterOpening(work, account);
    return await afterClosing(work, account, !isWanted && isRecent(closingAt, since));
  } catch (error) {
    const failure = await noteFailure(work, error, `Reading the account ${accountTitle(link)} failed`);
    // What cannot be read must not keep it from being sent again.
    const observed = isRecent(closingAt, since) ? link.observed : omit(link.observed, "closingAt");
    return { outcome: failedOutcome(failure, about, provider), observed, failure };
  }
};

const afterOpening = ({ provider, link }: UserContext, account: RemoteResource | undefined): UserOutcome => {
  const isShut = account !== undefined && readAttribute(account.resource, "active") === false;
  const settled = omit(link.observed, "openingAt");
  const notes = [isShut ? "The account is still shut out." : "The account is not shown to be shut out."];
  return {
    outcome: { success: true, ...about, answer: provider.lastAnswer(), notes },
    observed: isShut ? settled : withUncertain(settled, [{ path: "active", to: true }]),
  };
};

/** `mayBeDoneYet`: the provider may carry out yet what it has accepted. */
const afterClosing = async (
  work: UserContext,
  account: RemoteResource | undefined,
  mayBeDoneYet: boolean,
): Promise<UserOutcome> => {
  const { provider, link } = work;
  const { observed } = link;
  const { remoteId = "", closingAt, isDeleting } = observed;
  const answer = provider.lastAnswer();
  if (!account) {
    // It was known to the provider when its closing was accepted: that it is new explains no 404.
    const old = { ...link, observed: omit(observed, "createdAt") };
    const where = await locateAccount({ ports: work.ports, provider, link: old }, remoteId, true);
    if (where === "gone" || where === "elsewhere")
      return goneAlready(work, "user_deprovision", noLongerThere, where);
  }
  const active = account && readAttribute(account.resource, "active");
  if (account && isDeleting && active === false) return deleted(work, answer);
  if (account && !isDeleting && active !== true) {
    const changes = [{ field: "active", to: false }];
    const known = withoutUncertain(observed, [{ path: "active" }]);
    return {
      outcome: { success: true, eventType: "user_deprovision", changes, answer, notes: [carriedOut] },
      observed: { ...known, pushed: { ...known.pushed, active: false } },
      does: "deprovisioned",
    };
  }
  const notes = [`The account is not closed by what the service provider accepted at ${closingAt}.`];
  const outcome = { success: true as const, ...about, answer, notes };
  if (mayBeDoneYet) return { outcome, observed, waits: true };
  const open = { ...observed, ...(account && { pushed: { ...observed.pushed, active: true } }) };
  return { outcome, observed: omit(open, "closingAt") };
};

const carriedOut = "The service provider has carried out what it had accepted.";
