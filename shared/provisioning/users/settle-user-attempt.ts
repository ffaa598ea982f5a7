import type { Intent } from "../../model/attempt.ts";
import type { AttributeChange, Attributes, RemoteResource } from "../../model/attributes.ts";
import type { OpenAttempt, UserLink, UserObserved } from "../../model/link.ts";
import { inherit } from "../accounts/claim-account.ts";
import { compareAccount } from "../accounts/compare-account.ts";
import { findAccount } from "../accounts/find-account.ts";
import { withRemoteId } from "../accounts/follow-account.ts";
import { withoutAccount } from "../accounts/forget-account.ts";
import { moveAccount } from "../accounts/move-account.ts";
import { ownedAccount } from "../accounts/owned-account.ts";
import { withUncertainCreation } from "../accounts/uncertain-creation.ts";
import { withPossible, withUncertain, withUncertainDeletion } from "../accounts/uncertain-values.ts";
import { requireOwn } from "../accounts/verify-account.ts";
import { claimKnown, requireClaim } from "../attempts/claim-remote.ts";
import { withCreated } from "../attempts/fresh-creation.ts";
import { mayArrive } from "../attempts/in-flight.ts";
import { leaseMs, type Worked } from "../attempts/run-attempt.ts";
import { interrupted, lastSentAt, type RecoveryTimes, settleOrphan } from "../attempts/settle-orphan.ts";
import { requeueHeld } from "../memberships/requeue-memberships.ts";
import type { IntegrationContext, Ports } from "../ports/ports.ts";
import type { ServiceProvider } from "../ports/service-provider.ts";
import { afterDeletion, withoutMissing } from "./after-deletion.ts";
import { keepUserBooks } from "./keep-user-books.ts";

/**
 * End an orphaned attempt of a user: ask the provider what happened and record it with the actor of the intent.
 * Nothing is written at the provider. Does nothing where the attempt is no longer the item's or its lease still runs.
 */
export const settleUserAttempt = (ports: Ports, times: RecoveryTimes, link: UserLink): Promise<void> =>
  settleOrphan(ports, times, link, {
    store: ports.userLinks,
    claim: (observed) => claimWith(ports, link, observed),
    without: (observed) => withoutAccount({ ...link, observed }),
    keepBooks: async (observed, intent) => {
      await requeueHeld(ports, link);
      return keepUserBooks(ports, link, observed, intent);
    },
    verify: (integration, provider, attempt) => verify({ ports, integration }, provider, link, attempt),
    unknown: async (attempt, known) => {
      const { intent, next = {}, remoteId } = attempt;
      const observed = await asFound(ports, link, attempt, known);
      const settled = observed.remoteId ? withUncertainOutcome(observed, intent, next) : observed;
      return mayBeCreated(settled, { intent, next, remoteId });
    },
  });

/** With the account that the attempt had found, or followed to another id, unless it is another user's. */
const asFound = async (
  ports: Ports,
  link: UserLink,
  { intent, next = {}, remoteId, baseUrl = link.observed.baseUrl }: OpenAttempt,
  known: UserObserved,
): Promise<UserObserved> => {
  if (!remoteId || !baseUrl || remoteId === known.remoteId) return known;
  const target = { integrationId: link.integrationId, baseUrl };
  const from = known.baseUrl === baseUrl ? known.remoteId : undefined;
  const account = { id: remoteId, resource: {} };
  const observed = from
    ? withRemoteId(known, remoteId)
    : { ...ownedAccount({ link, integration: target }, account, next), found: remoteId };
  const owned = await claimWith(ports, link, observed);
  if (owned && from)
    await moveAccount(ports, target, link.id, { from, to: remoteId, sentSince: sentSince(intent) });
  return owned ?? known;
};

/** What is known once the account of `observed` is claimed, with who had it before. Undefined where it is another's. */
const claimWith = async (
  ports: Ports,
  link: UserLink,
  observed: UserObserved,
): Promise<UserObserved | undefined> => {
  const claimed = await claimKnown(ports, "user", link, observed);
  if (!claimed) return undefined;
  const { formerId } = claimed;
  return formerId === undefined ? observed : { ...observed, heldBy: formerId };
};

const withUncertainOutcome = (observed: UserObserved, intent: Intent, next: Attributes): UserObserved =>
  intent.eventType === "user_delete_provision"
    ? withUncertainDeletion(observed)
    : withOpening(withUncertain(observed, meantBy(intent)), intent, next);

/** It may be carried out yet, and open an account that is shut out by then; a PUT sends all of it. */
const withOpening = (observed: UserObserved, intent: Intent, next: Attributes): UserObserved =>
  next.active === true ? { ...observed, openingAt: lastSentAt(intent) } : observed;

const verify = async (
  context: IntegrationContext,
  provider: ServiceProvider,
  found: UserLink,
  { intent, next = {}, remoteId, considered }: OpenAttempt,
): Promise<Worked<UserObserved>> => {
  const { ports, integration } = context;
  const answered = (observed: UserObserved, isApplied: boolean): Worked<UserObserved> =>
    interrupted(intent, provider, observed, isApplied);

  if (intent.eventType === "user_delete_provision") {
    const [observed, isApplied] = await afterDeletion(context, provider, found, remoteId);
    const isInDoubt = !isApplied && mayArrive(intent, ports.clock.now());
    return answered(isInDoubt ? withUncertainDeletion(observed) : observed, isApplied);
  }
  const account = await findWritten(provider, { intent, next, remoteId });
  requireOwn(integration, found, account);
  if (!account && remoteId)
    return answered(
      await withoutMissing(context, provider, found, remoteId),
      intent.eventType === "user_deprovision",
    );
  if (!account) return answered(mayBeCreated(found.observed, { intent, next, remoteId }), false);
  const { formerId } = await requireClaim(context, "user", found, account.id);
  const link = await inherit({ ...context, link: found }, account.id, formerId);
  const { remoteId: before, baseUrl } = link.observed;
  // The attempt had found it under another id, and may not have come to move what was pushed.
  if (before !== undefined && before !== account.id && baseUrl === integration.baseUrl)
    await moveAccount(ports, integration, link.id, {
      from: before,
      to: account.id,
      sentSince: sentSince(intent),
    });
  const { known, changes } = compareAccount(account, next, link);
  // What it shows may be older than what was sent.
  const held = withPossible(ownedAccount({ link, integration }, account, known), meantBy(intent));
  const isMade = intent.eventType === "user_create_provision";
  // An account that shows all that is wanted, or is shut out, needs nothing more at the versions that this was made of.
  const isReached = intent.eventType === "user_deprovision" ? known.active === false : changes.length === 0;
  const settled = { ...held, ...(isReached && considered) };
  const observed = isMade ? withCreated(settled, ports.clock.now()) : settled;
  // Only what the attempt meant to change counts: other attributes may differ for reasons of their own.
  const differing = new Set(changes.map(({ path }) => path));
  const open = remoteId ? meantBy(intent).filter(({ path }) => differing.has(path)) : [];
  const isInDoubt = open.length > 0 && mayArrive(intent, ports.clock.now());
  const inDoubt = isInDoubt ? withOpening(withUncertain(observed, open), intent, next) : observed;
  return answered(inDoubt, open.length === 0);
};

const sentSince = ({ startedAt }: Intent): number => Date.parse(startedAt) - leaseMs;

type Written = Pick<OpenAttempt, "intent"> & { next: Attributes; remoteId: string | undefined };

/** The account that was written to. Where ids follow names, a rename that took effect has given it another. */
const findWritten = async (
  provider: ServiceProvider,
  { intent, next, remoteId }: Written,
): Promise<RemoteResource | undefined> => {
  if (!remoteId) return findAccount(provider, next);
  const isRenamed = intent.changes.some(({ field, from }) => field === "userName" && from !== undefined);
  return (await provider.readUser(remoteId)) ?? (isRenamed ? findAccount(provider, next) : undefined);
};

/** A creation that a stopped process may have sent just before: the provider may carry it out yet. */
const mayBeCreated = (observed: UserObserved, { intent, next, remoteId }: Written): UserObserved =>
  intent.eventType === "user_create_provision" && !remoteId
    ? { ...withUncertainCreation(observed, next), uncertainAt: lastSentAt(intent) }
    : observed;

const meantBy = ({ changes }: OpenAttempt["intent"]): AttributeChange[] =>
  changes.map(({ field, from, to }) => ({
    path: field,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }));
