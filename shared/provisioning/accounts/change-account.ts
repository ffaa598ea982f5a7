import { readAttribute } from "../../mapping/remote-attributes.ts";
import type { LastAnswer } from "../../model/attempt.ts";
import type { UserObserved } from "../../model/link.ts";
import { toLagFailure } from "../attempts/fresh-creation.ts";
import { preferUnauthorized } from "../attempts/prefer-unauthorized.ts";
import { failedOutcome, mayBeGone, noteFailure } from "../attempts/provider-failure.ts";
import { spellingOf, unconfirmedNotes } from "../attempts/shown-name.ts";
import { ignoreAnyFailure } from "../ports/ignore-failure.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";
import type { Changed } from "../ports/service-provider.ts";
import { isAccepted, isSeenClosed, notCarriedOutYet } from "./accepted-closing.ts";
import { accountTitle, linkedNames } from "./account-names.ts";
import { toEventChanges } from "./compare-account.ts";
import { findMovedAccount } from "./find-moved-account.ts";
import { followAccount, withNameInDoubt, withRemoteId } from "./follow-account.ts";
import { goneAlready, noLongerThere, withoutAccount } from "./forget-account.ts";
import { readHeld, withHeld } from "./held-values.ts";
import { locateAccount } from "./locate-account.ts";
import { afterFailure, withoutUncertain, withUncertain } from "./uncertain-values.ts";
import { isDoubted, withAccepted } from "./unconfirmed-values.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";
import type { UserPlan } from "./user-plan.ts";
import { isOwnAccount } from "./verify-account.ts";

type Change = Extract<UserPlan, { kind: "update" | "deprovision" }>;

/**
 * PATCH of the changed paths. A 404, or a 500 in its place, is verified; then the link is dropped, so that the next
 * plan looks up or creates.
 */
export const changeAccount = async (work: UserContext, plan: Change): Promise<UserOutcome> => {
  const { provider } = work;
  let done: Changed;
  let now: Awaited<ReturnType<typeof followAccount>>;
  let answer: LastAnswer;
  try {
    if (
      plan.kind === "deprovision" &&
      plan.verify &&
      !(await isOwnAccount(work, plan.remoteId, isKept(work)))
    )
      return findMovedAccount(work, plan.verify, "user_deprovision");
    done = await provider.patchUser(plan.remoteId, plan.changes, {
      next: plan.next,
      ...(plan.kind === "update" && plan.once && { once: true }),
      isDoubted: isDoubted(plan.changes, work.link.observed),
    });
    answer = provider.lastAnswer();
    now = await followAccount(work, plan, done);
    done = { ...done, unconfirmed: [...done.unconfirmed, ...(now.unconfirmed ?? [])] };
    if (plan.kind === "deprovision" && isAccepted(answer) && !(await isClosed(work, plan, done)))
      return notClosedYet(work, plan, now.remoteId, answer);
    if (plan.kind === "deprovision" && done.unconfirmed.includes("active"))
      throw new ProviderFailure("rejected", "The service provider accepted it and left the account active");
  } catch (error) {
    return preferUnauthorized(error, (cause) => changeFailed(work, plan, cause));
  }
  const notes = [...unconfirmedNotes(done.unconfirmed), ...now.notes];
  const link = { ...work.link, observed: withRemoteId(work.link.observed, now.remoteId) };
  const worked = await changed({ ...work, link }, plan, done, { notes, answer });
  return { ...worked, observed: withNameInDoubt(worked.observed, plan.changes, now) };
};

/** What is answered 202 is read, unless that is done already, or the answer shows what became of it. */
const isClosed = async (
  work: UserContext,
  { remoteId }: Change,
  { unconfirmed, shown }: Changed,
): Promise<boolean> =>
  !unconfirmed.includes("active") &&
  ((shown !== undefined && readAttribute(shown.resource, "active") === false) ||
    (await isSeenClosed(work, remoteId, "deprovision")));

const notClosedYet = (work: UserContext, plan: Change, remoteId: string, answer: LastAnswer): UserOutcome => {
  const about = { eventType: eventTypeOf(plan), changes: toEventChanges(plan.changes), answer };
  const observed = withUncertain(withRemoteId(work.link.observed, remoteId), plan.changes);
  return notCarriedOutYet(work, about, { ...observed, baseUrl: work.integration.baseUrl });
};

const eventTypeOf = ({ kind }: Change) =>
  kind === "deprovision" ? ("user_deprovision" as const) : ("user_update_provision" as const);

const changed = async (
  work: UserContext,
  plan: Change,
  done: Changed,
  { notes, answer }: { notes: string[]; answer: LastAnswer },
): Promise<UserOutcome> => ({
  outcome: {
    success: true,
    eventType: eventTypeOf(plan),
    changes: toEventChanges(plan.changes),
    answer,
    notes,
  },
  observed:
    plan.kind === "deprovision" && !isKept(work)
      ? withoutAccount(work.link)
      : {
          ...withAccepted(await withSpelling(work, plan), plan, done),
          baseUrl: work.integration.baseUrl,
        },
  does: plan.kind === "deprovision" ? "deprovisioned" : plan.does,
});

/** A provider with its own spelling of names has one of a new userName as well. */
const withSpelling = async ({ provider, link }: UserContext, plan: Change): Promise<UserObserved> => {
  const observed = withoutUncertain(link.observed, plan.changes);
  const { shownName, ...rest } = observed;
  if (shownName === undefined || !plan.changes.some(({ path }) => path === "userName")) return observed;
  const account = await provider.readUser(plan.remoteId).catch(ignoreAnyFailure);
  return { ...rest, ...(account && spellingOf(account, "userName", plan.next.userName)) };
};

/** Where `active: false` takes the account away there is nothing to come back to: a user who returns is looked up anew. */
const isKept = ({ ports, integration }: UserContext): boolean =>
  ports.profileOf(integration).deactivate !== "destroys";

const changeFailed = async (
  work: UserContext,
  plan: Change,
  cause: ProviderFailure,
): Promise<UserOutcome> => {
  const { ports, provider, link } = work;
  const where = mayBeGone(cause) ? await locateAccount(work, plan.remoteId, cause.isSeenGone) : "unknown";
  const told = toLagFailure(cause, where, link.observed, ports.clock.now());
  const failure = await noteFailure(work, told, `Changing the account ${accountTitle(link)} failed`);
  const about = { eventType: eventTypeOf(plan), changes: toEventChanges(plan.changes) };
  const outcome = failedOutcome(failure, about, provider);
  if (where === "late") return { outcome, observed: link.observed, failure, again: true };
  if (where === "gone" || where === "elsewhere")
    return plan.kind === "deprovision"
      ? goneAlready(work, "user_deprovision", noLongerThere, where)
      : {
          outcome,
          observed: withoutAccount(link, where),
          failure,
          again: true,
          ...(where === "gone" && { absent: linkedNames(link) }),
        };
  const sent = afterFailure(link.observed, plan.changes, cause);
  const held = await readHeld(work, plan, cause);
  if (!held) return { outcome, observed: sent, failure };
  const { holding } = held;
  if (cause.kind === "malformed" && holding.length === plan.changes.length)
    return changed(work, plan, { unconfirmed: [] }, { notes: [shown], answer: provider.lastAnswer() });
  // Without the clearing of what is not there the others may be taken; what else was refused would be again.
  const isFreed =
    cause.kind === "malformed" ? holding.length > 0 : holding.some(({ to }) => to === undefined);
  return { outcome, observed: withHeld(sent, held), failure, ...(isFreed && { again: true as const }) };
};

const shown = "The provider's answer was no SCIM; a read shows that the change took effect.";
