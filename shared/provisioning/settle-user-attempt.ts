import { readAttribute, remoteAttributes } from "../mapping/remote-attributes.ts";
import type { Attributes, RemoteResource } from "../model/attributes.ts";
import type { OpenAttempt, UserLink, UserObserved } from "../model/link.ts";
import { claimAccount, compareAccount, findAccount } from "./adopt-account.ts";
import type { Worked } from "./attempt.ts";
import { namesOf } from "./find-maybe-created.ts";
import type { Ports } from "./ports/ports.ts";
import type { ServiceProvider } from "./ports/service-provider.ts";
import { requeueMemberships } from "./requeue-memberships.ts";
import { interrupted, type RecoveryTimes, settleOrphan } from "./settle-attempt.ts";

/**
 * End an orphaned attempt of a user: ask the provider what happened and record it with the actor of the intent.
 * Nothing is written at the provider. Does nothing where the attempt is no longer the item's or its lease still runs.
 */
export const settleUserAttempt = (ports: Ports, times: RecoveryTimes, link: UserLink): Promise<void> =>
  settleOrphan(ports, times, ports.userLinks, link, {
    verify: (integration, provider, attempt) => verify(ports, integration, provider, link, attempt),
    unknown: (attempt) => ({
      ...link.observed,
      ...unknownPushed(link, attempt),
      ...inDoubt(attempt.intent, attempt.next ?? {}, attempt.remoteId),
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
  const owned = (account: RemoteResource): UserObserved => ({
    ...link.observed,
    remoteId: account.id,
    baseUrl: integration.baseUrl,
    pushed: { ...stillShown(account, link, next), ...compareAccount(account, next).known },
  });

  if (intent.eventType === "user_delete_provision") {
    const account = remoteId ? await provider.readUser(remoteId) : undefined;
    if (account && !wasShutOut(account, link)) return answered(link.observed, false);
    if (account && ports.profileOf(integration).delete === "deactivates")
      return answered({ ...link.observed, pushed: { ...link.observed.pushed, active: false } }, true);
    if (remoteId) {
      const { integrationId, baseUrl } = integration;
      await ports.claims.release({ integrationId, kind: "user", baseUrl, remoteId, ownerId: link.id });
    }
    const { remoteId: _, baseUrl: __, pushed: ___, ...rest } = link.observed;
    return answered(rest, true);
  }
  const account = remoteId ? await provider.readUser(remoteId) : await findAccount(provider, next);
  if (!account) return answered({ ...link.observed, ...inDoubt(intent, next, remoteId) }, false);
  await claimAccount(ports, integration, link.id, account.id);
  const observed = owned(account);
  await requeueMemberships(ports, link, observed);
  return answered(observed, !remoteId || showsChanges(account, next, intent.changes));
};

/** Where DELETE deactivates, an account that was active before and is not now has been "deleted". */
const wasShutOut = ({ resource }: RemoteResource, { observed }: UserLink): boolean =>
  observed.pushed?.active === true && readAttribute(resource, "active") === false;

/** Attributes that were pushed before and are to be cleared, as far as the account still has them: they are cleared next. */
const stillShown = (
  { resource }: RemoteResource,
  { observed: { pushed = {} } }: UserLink,
  next: Attributes,
): Attributes =>
  remoteAttributes(
    resource,
    Object.keys(pushed).filter((path) => !(path in next)),
  );

/** Only what the attempt meant to change counts: other attributes may differ for reasons of their own. */
const showsChanges = (
  account: RemoteResource,
  next: Attributes,
  changes: OpenAttempt["intent"]["changes"],
): boolean => {
  const fields = changes.map(({ field }) => field);
  const cleared = fields.filter((field) => !(field in next));
  const differing = compareAccount(account, next).changes.some(({ path }) => fields.includes(path));
  return !differing && Object.keys(remoteAttributes(account.resource, cleared)).length === 0;
};

/** A creation that a stopped process may have sent just before: the provider may carry it out yet. */
const inDoubt = (
  { eventType }: OpenAttempt["intent"],
  next: Attributes,
  remoteId: string | undefined,
): Pick<UserObserved, "maybeCreated"> =>
  eventType === "user_create_provision" && !remoteId ? { maybeCreated: namesOf(next) } : {};

const unknownPushed = (
  { observed: { pushed = {} } }: UserLink,
  { intent }: OpenAttempt,
): Pick<UserObserved, "pushed"> => {
  const resent = new Set(intent.changes.filter(({ to }) => to !== undefined).map(({ field }) => field));
  return { pushed: Object.fromEntries(Object.entries(pushed).filter(([path]) => !resent.has(path))) };
};
