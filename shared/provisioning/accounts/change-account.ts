import { readAttribute } from "../../mapping/remote-attributes.ts";
import type { LastAnswer } from "../../model/attempt.ts";
import type { AttributeChange } from "../../model/attributes.ts";
import type { UserObserved } from "../../model/link.ts";
import { toLagFailure } from "../attempts/fresh-creation.ts";
import { preferUnauthorized } from "../attempts/prefer-unauthorized.ts";
import { failedOutcome, mayBeGone, noteFailure } from "../attempts/provider-failure.ts";
import { readAfterChange, spellingOf, unconfirmedNotes } from "../attempts/shown-name.ts";
import { type Changed, ProviderFailure, type ServiceProvider } from "../ports/service-provider.ts";
import { accountTitle, linkedNames } from "./account-names.ts";
import { compareAccount, toEventChanges } from "./compare-account.ts";
import { followAccount, withRemoteId } from "./follow-account.ts";
import { goneAlready, noLongerThere, notKnownThere, withoutAccount } from "./forget-account.ts";
import { locateAccount } from "./locate-account.ts";
import { withoutUncertain, withUncertain } from "./uncertain-values.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";
import type { UserPlan } from "./user-plan.ts";
import { isOwnAccount } from "./verify-account.ts";

type Change = Extract<UserPlan, { kind: "update" | "deprovision" }>;

/** PATCH of the changed paths. A 404, or a 500 in its place, is verified; then the link is dropped, so that the next plan looks up or creates. */
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
      return goneAlready(work, "user_deprovision", notKnownThere);
    done = await provider.patchUser(plan.remoteId, plan.changes);
    answer = provider.lastAnswer();
    now = await followAccount(work, plan, done);
    if (plan.kind === "deprovision" && done.unconfirmed.length > 0)
      await requireShutOut(provider, now.remoteId);
  } catch (error) {
    return preferUnauthorized(error, (cause) => changeFailed(work, plan, cause));
  }
  const notes = [...(plan.kind === "update" ? unconfirmedNotes(done.unconfirmed) : []), ...now.notes];
  const link = { ...work.link, observed: withRemoteId(work.link.observed, now.remoteId) };
  return changed({ ...work, link }, plan, notes, answer);
};

const eventTypeOf = ({ kind }: Change) =>
  kind === "deprovision" ? ("user_deprovision" as const) : ("user_update_provision" as const);

const changed = async (
  work: UserContext,
  plan: Change,
  notes: string[],
  answer: LastAnswer,
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
      : { ...(await withSpelling(work, plan)), pushed: plan.next, baseUrl: work.integration.baseUrl },
  does: plan.kind === "deprovision" ? "deprovisioned" : plan.does,
});

/** A provider with its own spelling of names has one of a new userName as well. */
const withSpelling = async ({ provider, link }: UserContext, plan: Change): Promise<UserObserved> => {
  const observed = withoutUncertain(link.observed, plan.changes);
  const { shownName, ...rest } = observed;
  if (shownName === undefined || !plan.changes.some(({ path }) => path === "userName")) return observed;
  const account = await readAfterChange(() => provider.readUser(plan.remoteId));
  return { ...rest, ...(account && spellingOf(account, "userName", plan.next.userName)) };
};

/** Where `active: false` takes the account away there is nothing to come back to: a user who returns is looked up anew. */
const isKept = ({ ports, integration }: UserContext): boolean =>
  ports.profileOf(integration).deactivate !== "destroys";

/** An answer that shows the account active may be older than the change; a read may not. */
const requireShutOut = async (provider: ServiceProvider, remoteId: string): Promise<void> => {
  const account = await provider.readUser(remoteId);
  if (!account || readAttribute(account.resource, "active") !== true) return;
  throw new ProviderFailure("rejected", "The service provider accepted it and left the account active");
};

const changeFailed = async (
  work: UserContext,
  plan: Change,
  cause: ProviderFailure,
): Promise<UserOutcome> => {
  const { ports, provider, link } = work;
  const where = mayBeGone(cause) ? await locateAccount(work, plan.remoteId) : "unknown";
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
  const sent = cause.maybeApplied ? withUncertain(link.observed, plan.changes) : link.observed;
  const holding = await heldAlready(work, plan, cause);
  if (holding.length === 0) return { outcome, observed: sent, failure };
  if (cause.kind === "malformed" && holding.length === plan.changes.length)
    return changed(work, plan, [shown], provider.lastAnswer());
  return { outcome, observed: withHeld(sent, holding), failure, again: true };
};

const shown = "The provider's answer was no SCIM; a read shows that the change took effect.";

/**
 * Of the changes that failed, those that the account shows: an answer that nobody can read may stand for a success, and
 * a strict provider refuses to clear what is not there, with all that goes out beside it.
 */
const heldAlready = async (
  { provider, link }: UserContext,
  plan: Change,
  { kind }: ProviderFailure,
): Promise<AttributeChange[]> => {
  const isClearing = plan.changes.some(({ to }) => to === undefined);
  if (kind !== "malformed" && !(kind === "rejected" && isClearing)) return [];
  const account = await readIfAnswered(provider, plan.remoteId);
  if (!account) return [];
  const differing = new Set(compareAccount(account, plan.next, link).changes.map(({ path }) => path));
  return plan.changes.filter(({ path }) => !differing.has(path));
};

const readIfAnswered = async (provider: ServiceProvider, remoteId: string) => {
  try {
    return await provider.readUser(remoteId);
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind !== "unauthorized") return undefined;
    throw error;
  }
};

/** These changes are there: the next plan is made without them. */
const withHeld = (observed: UserObserved, holding: AttributeChange[]): UserObserved => {
  const known = withoutUncertain(observed, holding);
  const paths = new Set(holding.map(({ path }) => path));
  const others = Object.entries(known.pushed ?? {}).filter(([path]) => !paths.has(path));
  const held = holding.flatMap(({ path, to }) => (to === undefined ? [] : [[path, to]]));
  return { ...known, pushed: Object.fromEntries([...others, ...held]) };
};
