import { readAttribute } from "../mapping/remote-attributes.ts";
import type { AttributeChange, Attributes, RemoteResource } from "../model/attributes.ts";
import type { OpenAttempt, UserLink, UserObserved } from "../model/link.ts";
import { namesOf, whereIsAccount } from "./account-whereabouts.ts";
import { claimAccount, compareAccount, findAccount, owned } from "./adopt-account.ts";
import type { Worked } from "./attempt.ts";
import { withDoubtful } from "./doubtful-values.ts";
import { forgetAccount } from "./forget-account.ts";
import type { Ports } from "./ports/ports.ts";
import type { ServiceProvider } from "./ports/service-provider.ts";
import { requeueMemberships } from "./requeue-memberships.ts";
import { groupsShownBy } from "./returned-account.ts";
import { interrupted, type RecoveryTimes, settleOrphan } from "./settle-attempt.ts";

/**
 * End an orphaned attempt of a user: ask the provider what happened and record it with the actor of the intent.
 * Nothing is written at the provider. Does nothing where the attempt is no longer the item's or its lease still runs.
 */
export const settleUserAttempt = (ports: Ports, times: RecoveryTimes, link: UserLink): Promise<void> =>
  settleOrphan(ports, times, ports.userLinks, link, {
    verify: (integration, provider, attempt) => verify(ports, integration, provider, link, attempt),
    unknown: ({ intent, next = {}, remoteId }) => ({
      ...(link.observed.remoteId ? withDoubtful(link.observed, meantBy(intent)) : link.observed),
      ...inDoubt(intent, next, remoteId),
    }),
  });

const verify = async (
  ports: Ports,
  integration: Parameters<typeof claimAccount>[1],
  provider: ServiceProvider,
  link: UserLink,
  { intent, next = {}, remoteId }: OpenAttempt,
): Promise<Worked<UserObserved>> => {
  const answered = (observed: UserObserved, isApplied: boolean): Worked<UserObserved> =>
    interrupted(intent, provider, observed, isApplied);

  if (intent.eventType === "user_delete_provision") {
    const account = remoteId ? await provider.readUser(remoteId) : undefined;
    if (account && !wasShutOut(account, link)) return answered(link.observed, false);
    if (account && ports.profileOf(integration).delete === "deactivates")
      return answered({ ...link.observed, pushed: { ...link.observed.pushed, active: false } }, true);
    const where = account || !remoteId ? "gone" : await whereIsAccount(provider, link, remoteId, true);
    if (where === "gone" || where === "elsewhere")
      return answered(await forgetAccount({ ports, integration, link }, where), true);
    return answered(link.observed, false);
  }
  const account = remoteId ? await provider.readUser(remoteId) : await findAccount(provider, next);
  if (!account) return answered({ ...link.observed, ...inDoubt(intent, next, remoteId) }, false);
  await claimAccount(ports, integration, link.id, account.id);
  const { known, changes } = compareAccount(account, next, link);
  const shownGroups = groupsShownBy(account);
  const observed = await requeueMemberships(ports, link, owned({ link, integration }, account.id, known), {
    shownGroups,
    intent,
  });
  // Only what the attempt meant to change counts: other attributes may differ for reasons of their own.
  const meant = new Set(intent.changes.map(({ field }) => field));
  return answered(observed, !remoteId || !changes.some(({ path }) => meant.has(path)));
};

/** Where DELETE deactivates, an account that was active before and is not now has been "deleted". */
const wasShutOut = ({ resource }: RemoteResource, { observed }: UserLink): boolean =>
  observed.pushed?.active === true && readAttribute(resource, "active") === false;

/** A creation that a stopped process may have sent just before: the provider may carry it out yet. */
const inDoubt = (
  { eventType }: OpenAttempt["intent"],
  next: Attributes,
  remoteId: string | undefined,
): Pick<UserObserved, "maybeCreated"> =>
  eventType === "user_create_provision" && !remoteId ? { maybeCreated: namesOf(next) } : {};

const meantBy = ({ changes }: OpenAttempt["intent"]): AttributeChange[] =>
  changes.map(({ field, from, to }) => ({
    path: field,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }));
