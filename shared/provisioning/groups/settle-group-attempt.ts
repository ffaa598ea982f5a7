import { isSameName } from "../../common/names.ts";
import { omit } from "../../common/objects.ts";
import type { Intent } from "../../model/attempt.ts";
import type { Integration } from "../../model/integration.ts";
import type { GroupLink, GroupObserved, OpenAttempt } from "../../model/link.ts";
import { claimKnown, claimRemote } from "../attempts/claim-remote.ts";
import { notShownYet, requireOld, withCreated } from "../attempts/fresh-creation.ts";
import { mayArrive } from "../attempts/in-flight.ts";
import { onlyNamed } from "../attempts/only-match.ts";
import { notThere } from "../attempts/provider-failure.ts";
import type { Worked } from "../attempts/run-attempt.ts";
import { interrupted, lastSentAt, type RecoveryTimes, settleOrphan } from "../attempts/settle-orphan.ts";
import { correctPushed } from "../memberships/correct-pushed.ts";
import { isMembersOnly } from "../memberships/group-capabilities.ts";
import { withUncertainName } from "../memberships/group-names.ts";
import { intendedChange, noteSentUncertain } from "../memberships/uncertain-members.ts";
import type { IntegrationContext, Ports } from "../ports/ports.ts";
import type { ServiceProvider } from "../ports/service-provider.ts";
import { findOwnGroup } from "../remote-groups/find-uncertain-group.ts";
import { locateGroup } from "../remote-groups/locate-group.ts";
import { ownedGroup } from "../remote-groups/owned-group.ts";
import { keepGroupBooks, releaseGroup, withoutGroup } from "../remote-groups/take-over-group.ts";

/**
 * End an orphaned attempt of a group: ask the provider what is there and record it with the actor of the intent. The
 * members that the attempt is known to have pushed are in the event; for the rest the next call sends the difference.
 */
export const settleGroupAttempt = (ports: Ports, times: RecoveryTimes, link: GroupLink): Promise<void> =>
  settleOrphan(ports, times, link, {
    store: ports.groupLinks,
    claim: (observed) => claimWith(ports, link, observed),
    without: withoutGroup,
    keepBooks: (observed) => keepGroupBooks(ports, link, observed),
    verify: (integration, provider, attempt) =>
      verify({ ports, integration }, provider, withKnown(link, attempt), attempt),
    unknown: async (attempt, known) => {
      const observed = await asFound(ports, link, attempt, known);
      if (attempt.intent.eventType === "group_delete_provision") return fullComparison(observed);
      await noteSentUncertain(ports, { ...link, observed: known }, attempt.intent);
      return attempt.known ? observed : withUncertainNames(observed, attempt);
    },
  });

const claimWith = async (
  ports: Ports,
  link: GroupLink,
  observed: GroupObserved,
): Promise<GroupObserved | undefined> =>
  (await claimKnown(ports, "group", link, observed)) ? observed : undefined;

/**
 * With the group that the attempt had found, or followed to another id, unless it is another's. Its members were read and
 * count as pushed by then; whether others are in it is not known.
 */
const asFound = async (
  ports: Ports,
  link: GroupLink,
  { intent, remoteId, baseUrl = link.observed.baseUrl }: OpenAttempt<GroupObserved>,
  known: GroupObserved,
): Promise<GroupObserved> => {
  if (remoteId === undefined || baseUrl === undefined || remoteId === known.remoteId) return known;
  const before = intent.changes.find(({ field }) => field === "displayName")?.from;
  const sought = intent.eventType === "group_delete_provision" ? known.uncertainCreation : before;
  const name = String(sought ?? intent.resource.name);
  const isMoved = known.remoteId !== undefined && known.baseUrl === baseUrl;
  const owned = isMoved
    ? { ...known, remoteId }
    : { ...ownedGroup({ baseUrl }, known, remoteId, name), hasOthers: true as const };
  return (await claimWith(ports, link, fullComparison(owned))) ?? known;
};

/** A creation may be carried out yet, and a new name may have been taken. */
const withUncertainNames = (observed: GroupObserved, { intent, remoteId }: OpenAttempt): GroupObserved => {
  const { name } = intent.resource;
  if (intent.eventType === "group_create_provision" && !remoteId)
    return { ...observed, uncertainCreation: name, uncertainAt: lastSentAt(intent) };
  const isRenamed = intent.changes.some(({ field }) => field === "displayName");
  return isRenamed ? withUncertainName(observed, name) : observed;
};

/** Without a version the next call compares all members. */
const fullComparison = (observed: GroupObserved): GroupObserved => omit(observed, "version", "versionAt");

/** The link with the group that the provider had shown as created. */
const withKnown = (link: GroupLink, { known }: OpenAttempt<GroupObserved>): GroupLink =>
  known ? { ...link, observed: known.observed } : link;

const verify = async (
  context: IntegrationContext,
  provider: ServiceProvider,
  link: GroupLink,
  attempt: OpenAttempt<GroupObserved>,
): Promise<Worked<GroupObserved>> => {
  const { ports, integration } = context;
  const { intent, remoteId, known } = attempt;
  const name = intent.resource.name;
  if (intent.eventType === "group_delete_provision") return afterDeletion(context, provider, link, attempt);
  const knownId = remoteId ?? known?.observed.remoteId;
  const groupId = knownId ?? onlyNamed(await provider.findGroups(name), name)?.id;
  const group = groupId ? await readWritten(provider, link, intent, groupId) : undefined;
  if (!group && known) throw notShownYet(link.observed, notThere());
  if (!group && knownId) requireOld(link.observed, ports.clock.now());
  if (!group)
    return interrupted(intent, provider, withUncertainNames(fullComparison(link.observed), attempt), false);

  if ((await claimRemote(context, "group", link, group.id)).ownerId !== link.id)
    return interrupted(intent, provider, link.observed, false);

  // An empty list may be that of a group whose members are hidden.
  const shown = group.members?.length ? group.members : undefined;
  const { added, removed, isProven } = await correctPushed(context, link, intent.attemptId, shown);
  const isDone = hasIntended(intent, added.length, removed.length);
  if (!isProven || mayCome(isDone, intent, ports.clock.now())) await noteSentUncertain(ports, link, intent);
  const before = shown ? fullComparison(link.observed) : link.observed;
  const held = ownedGroup(integration, before, group.id, group.displayName);
  const isMade = intent.eventType === "group_create_provision";
  const observed = isMade ? withCreated(held, ports.clock.now()) : held;
  const isSpelled = observed.name === name || (isMade && isSameName(group.displayName, name));
  const isNamed = isSpelled || isMembersOnly(context);
  const isApplied = !!known || (isNamed && isDone);
  const worked = interrupted(intent, provider, observed, isApplied);
  return { ...worked, outcome: { ...worked.outcome, members: { added, removed } } };
};

/** What the group does not show may be carried out yet. */
const mayCome = (isDone: boolean, intent: Intent, now: number): boolean => !isDone && mayArrive(intent, now);

/** The group that was written to. Where ids follow names, a rename that took effect has given it another. */
const readWritten = async (
  provider: ServiceProvider,
  link: GroupLink,
  { changes, resource: { name } }: Intent,
  groupId: string,
): ReturnType<ServiceProvider["readGroup"]> => {
  const group = await provider.readGroup(groupId);
  const isRenamed = changes.some(({ field, from }) => field === "displayName" && from !== undefined);
  if (group || !isRenamed) return group;
  const renamed = await findOwnGroup({ provider, link }, name);
  return renamed && provider.readGroup(renamed.id);
};

const afterDeletion = async (
  { ports, integration }: IntegrationContext,
  provider: ServiceProvider,
  link: GroupLink,
  { intent, remoteId }: OpenAttempt,
): Promise<Worked<GroupObserved>> => {
  const held = withGroup(integration, link, remoteId);
  const isGone = !remoteId || (await locateGroup({ ports, provider }, held, remoteId)) === "gone";
  if (!isGone) requireOld(held.observed, ports.clock.now());
  if (isGone && held !== link) await releaseGroup(ports, held);
  return interrupted(intent, provider, isGone ? withoutGroup(held.observed) : held.observed, isGone);
};

/** The link with the group that the attempt had found, and claimed, before it was to be deleted. */
const withGroup = (integration: Integration, link: GroupLink, remoteId: string | undefined): GroupLink => {
  const { observed } = link;
  if (!remoteId || observed.uncertainCreation === undefined) return link;
  return { ...link, observed: ownedGroup(integration, observed, remoteId, observed.uncertainCreation) };
};

/** A creation is told by the group that is there; a change by as many members come and gone as it meant to send. */
const hasIntended = (intent: Intent, added: number, removed: number): boolean => {
  if (intent.eventType === "group_create_provision") return true;
  const intended = intendedChange(intent);
  return !intended || (added >= intended.add && removed >= intended.remove);
};
