import { readAttribute, remoteAttributes } from "../../mapping/remote-attributes.ts";
import type { AttributeChange, Attributes, RemoteResource } from "../../model/attributes.ts";
import type { UserLink, UserObserved } from "../../model/link.ts";
import { deletedSince, outlivesDeletion } from "../attempts/outlive-deletion.ts";
import { failedOutcome, noteFailure } from "../attempts/provider-failure.ts";
import { unconfirmedNotes } from "../attempts/shown-name.ts";
import { ignoreAnyFailure } from "../ports/ignore-failure.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";
import type { Changed } from "../ports/service-provider.ts";
import { claimAccount, heldByNotes } from "./claim-account.ts";
import { compareAccount, toEventChanges } from "./compare-account.ts";
import { followAccount, withNameInDoubt } from "./follow-account.ts";
import { mayBeHalfApplied } from "./held-values.ts";
import { ownedAccount } from "./owned-account.ts";
import { afterFailure } from "./uncertain-values.ts";
import { withAccepted } from "./unconfirmed-values.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";

/**
 * Claim an account that was found, and make it show what we want: PATCH of what differs, or nothing. The account is on
 * record before it is claimed, so that no claim outlives an attempt that is cut off. Undefined where it is what was left
 * of one that we have just deleted, and is gone.
 */
export const adoptAccount = async (
  work: UserContext,
  next: Attributes,
  account: RemoteResource,
): Promise<UserOutcome | undefined> => {
  const notAdopted = async (error: unknown): Promise<UserOutcome> => {
    const failure = await noteFailure(work, error, `Taking over the account ${account.id} failed`);
    const about = { eventType: "user_lookup_provision" as const, changes: [] };
    return { outcome: failedOutcome(failure, about, work.provider), observed: work.link.observed, failure };
  };
  // One that is shown inactive is what some providers leave of a deleted one, and stays.
  const isToStay = async ({ observed: { former } }: UserLink): Promise<boolean> =>
    readAttribute(account.resource, "active") === false ||
    outlivesDeletion(work, former, {
      noun: "account",
      id: account.id,
      read: () => work.provider.readUser(account.id),
    });
  try {
    if (!(await isToStay(work.link))) return undefined;
  } catch (error) {
    return notAdopted(error);
  }
  const { known, changes } = compareAccount(account, next, work.link);
  const eventType = "user_update_provision";
  const told = toEventChanges(changes);
  await work.mark({ step: "write", eventType, changes: told, next, remoteId: account.id });
  let link: UserLink;
  try {
    link = await claimAccount(work, account.id);
    // Of the user before, who has given it up. The claim is free for anybody as long as no link names the account.
    if (!(await isToStay(link))) throw deletedSince("account", account.id);
  } catch (error) {
    return notAdopted(error);
  }
  const notes = heldByNotes(work.link);
  // What it was given before is ours to clear: it is compared once more.
  if (link.observed.heldBy !== work.link.observed.heldBy)
    return adoptAccount({ ...work, link }, next, account);
  const found = (pushed: Attributes, remoteId = account.id): UserObserved => ({
    ...ownedAccount(work, { ...account, id: remoteId }, pushed),
    found: remoteId,
  });
  let done: Changed = { unconfirmed: [] };
  let now: Awaited<ReturnType<typeof followAccount>> = { remoteId: account.id, notes: [] };
  let answer = work.provider.lastAnswer();
  try {
    if (changes.length > 0) {
      done = await work.provider.patchUser(account.id, changes, { next });
      answer = work.provider.lastAnswer();
      now = await followAccount(work, { remoteId: account.id, next, changes }, done);
      done = { ...done, unconfirmed: [...done.unconfirmed, ...(now.unconfirmed ?? [])] };
    }
  } catch (error) {
    const failure = await noteFailure(
      work,
      error,
      `Updating the account ${account.id}, which was found, failed`,
    );
    const isHalfDone = error instanceof ProviderFailure && mayBeHalfApplied(error, changes);
    const there = isHalfDone ? await work.provider.readUser(account.id).catch(ignoreAnyFailure) : undefined;
    const held = found(there ? compareAccount(there, next, work.link).known : known);
    const observed = error instanceof ProviderFailure ? afterFailure(held, changes, error) : held;
    return {
      outcome: failedOutcome(failure, { eventType, changes: told, notes }, work.provider),
      observed,
      failure,
    };
  }
  return {
    outcome: {
      success: true,
      eventType,
      changes: told,
      answer,
      notes: [...notes, ...unconfirmedNotes(done.unconfirmed), ...now.notes],
    },
    observed: withNameInDoubt(
      withShownActive(
        withAccepted(found(known, now.remoteId), { next, changes }, done),
        { next, changes },
        done,
      ),
      changes,
      now,
    ),
    does: "adopted",
  };
};

/**
 * The answer to our own change is younger than the look-up before: where it plainly shows another `active`, which was not
 * sent since the look-up showed it as wanted, the account counts as it is shown, and the next plan sends it.
 */
const withShownActive = (
  observed: UserObserved,
  { next, changes }: { next: Attributes; changes: AttributeChange[] },
  { shown }: Changed,
): UserObserved => {
  const { active } = remoteAttributes(shown?.resource ?? {}, ["active"]);
  const isSent = changes.some(({ path }) => path === "active");
  if (isSent || typeof active !== "boolean" || active === next.active) return observed;
  return { ...observed, pushed: { ...observed.pushed, active } };
};
