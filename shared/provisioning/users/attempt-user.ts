import type { SavedUser } from "../../model/directory.ts";
import type { UserAssignment, UserLink, UserObserved } from "../../model/link.ts";
import { changeAccount } from "../accounts/change-account.ts";
import { toEventChanges } from "../accounts/compare-account.ts";
import { deleteAccount } from "../accounts/delete-account.ts";
import { findUncertainAccount } from "../accounts/find-uncertain-account.ts";
import { lookAgain } from "../accounts/look-again.ts";
import { noteOpening } from "../accounts/opening-in-doubt.ts";
import { provisionAccount } from "../accounts/provision-account.ts";
import type { UserContext, UserOutcome } from "../accounts/user-context.ts";
import type { UserPlan } from "../accounts/user-plan.ts";
import { desiredOf } from "../assignments/assignment.ts";
import { inCaseOfDeath, leftToCall } from "../attempts/left-to-call.ts";
import { openProvider } from "../attempts/open-provider.ts";
import { endedUnsent, isGivenUp } from "../attempts/provider-failure.ts";
import { noteOutcome } from "../attempts/quarantine.ts";
import { leaseMs, type Note, newIntent, runAttempt, sendingTimes } from "../attempts/run-attempt.ts";
import { membershipsOf } from "../memberships/memberships-of.ts";
import type { Context } from "../ports/ports.ts";
import { considered } from "./considered.ts";
import { keepUserBooks } from "./keep-user-books.ts";
import type { UserState } from "./user-state.ts";
import { workOfUser } from "./work-of-user.ts";

/** A plan that sends something. */
export type Attempted = Extract<
  UserPlan,
  { kind: "provision" | "find" | "look" | "update" | "deprovision" | "delete" }
>;

/**
 * Carry a plan out as one attempt. `moved` where the link changed since it was read: plan again. `assignment` is
 * what the plan was made of, where it is still to be written.
 */
export const attemptPlan = async (
  context: Context,
  { saved, link, absent }: Pick<UserState, "saved" | "link"> & Pick<UserContext, "absent">,
  plan: Attempted,
  assignment?: UserAssignment,
) => {
  const { ports, call, integration } = context;
  const leaseUntil = ports.clock.now() + leaseMs;
  const times = sendingTimes(call, leaseUntil);
  const isWanted = () => isPlanWanted(context, { saved, link }, plan);
  const endsAccess = desiredOf(assignment ?? link.assignment, saved) !== "active";
  const provider = await openProvider(context, { ...times, isWanted }, { endsAccess });
  const resource = { type: "systemuser" as const, id: link.id, name: nameOf(link, saved) };
  const memberships = turnsAccess(plan) ? await membershipsOf(ports, link) : [];
  const intent = newIntent(context, resource, {
    ...aboutPlan(plan),
    ...(memberships.length > 0 && { memberships }),
  });
  const consider = <T extends { observed: UserObserved }>(known: T): T => ({
    ...known,
    observed: { ...known.observed, ...considered(integration, saved) },
  });
  let isNewer = false;
  const ended = await runAttempt(ports, ports.userLinks, link, {
    attempt: {
      intent,
      leaseUntil,
      baseUrl: integration.baseUrl,
      // What is only looked for is not what is wanted.
      ...(plan.kind !== "find" && { considered: considered(integration, saved) }),
      ...("next" in plan && { next: plan.next }),
      ...("remoteId" in plan && { remoteId: plan.remoteId }),
    },
    assignment,
    work: async (mark, noteKnown): Promise<UserOutcome> => {
      const note: Note<UserObserved> = (known) => noteKnown(consider(known));
      const { sendUntil } = times;
      const own = { ports, integration, provider, link, mark, note, sendUntil, absent };
      const since = ports.clock.now();
      const [carriedOut, isOutdated] = await Promise.all([
        carryOut(own, plan),
        assignment !== undefined && isSavedSince(context, { saved, link }),
      ]);
      isNewer = isOutdated;
      const worked = noteOpening(own, "next" in plan ? plan : {}, carriedOut, since);
      return isGivenUp(worked.failure) ? worked : consider(worked);
    },
    requestCount: provider.requestCount,
    keepBooks: (observed) => keepUserBooks(ports, link, observed, intent),
    workAfter: (after) =>
      isNewer
        ? inCaseOfDeath(ports, after.work, 1)
        : leftToCall(ports, workOfUser(context, { saved, link: after })),
    isUnsent: ({ failure }) => endedUnsent(provider, failure),
  });
  if (ended !== "moved") await noteOutcome(context, `user ${link.id}`, ended);
  return ended;
};

/**
 * Whether the user was saved once more before the link was assigned: the dispatch of such a change has found nothing to do at
 * this link. One that is saved later finds the link as it is now, and changes it.
 */
const isSavedSince = async (
  { ports }: Context,
  { saved, link }: Pick<UserState, "saved" | "link">,
): Promise<boolean> => {
  const now = await ports.users.read(link.id).catch(() => undefined);
  return now?.version !== saved?.version;
};

/** Whether what has waited is wanted still. Other values of the user go with the next plan. */
const isPlanWanted = async (
  { ports, integration }: Context,
  { saved, link }: Pick<UserState, "saved" | "link">,
  { kind }: Attempted,
): Promise<boolean> => {
  const now = (await ports.reads.users(integration.integrationId, [link.id])).get(link.id);
  const desired = desiredOf(now?.link?.assignment ?? link.assignment, now?.saved);
  if (kind === "delete") return desired === "absent";
  if (kind === "deprovision") return desired !== "active";
  return desired === desiredOf(link.assignment, saved);
};

const nameOf = (link: UserLink, saved: SavedUser | undefined): string =>
  saved?.user.username ??
  saved?.user.email?.toLowerCase() ??
  String(link.observed.pushed?.userName ?? link.id);

const eventTypes = {
  provision: "user_lookup_provision",
  find: "user_lookup_provision",
  look: "user_lookup_provision",
  update: "user_update_provision",
  deprovision: "user_deprovision",
  delete: "user_delete_provision",
} as const;

const aboutPlan = (plan: Attempted) => ({
  eventType: eventTypes[plan.kind],
  changes: "changes" in plan ? toEventChanges(plan.changes) : [],
  step: "remoteId" in plan ? ("write" as const) : ("lookup" as const),
});

/** Whether all that the account gives ends with it, or comes back with it. */
const turnsAccess = (plan: Attempted): boolean => {
  if (plan.kind === "update") return plan.does === "reactivated";
  return plan.kind === "deprovision" || plan.kind === "delete" || (plan.kind === "look" && !plan.isWanted);
};

const carryOut = (work: UserContext, plan: Attempted): Promise<UserOutcome> => {
  switch (plan.kind) {
    case "provision":
      return provisionAccount(work, plan);
    case "find":
      return findUncertainAccount(work, plan.sought);
    case "look":
      return lookAgain(work, plan);
    case "update":
    case "deprovision":
      return changeAccount(work, plan);
    case "delete":
      return deleteAccount(work, plan);
  }
};
