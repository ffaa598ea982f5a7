import { isSameName } from "../../common/names.ts";
import { omit } from "../../common/objects.ts";
import type { Intent } from "../../model/attempt.ts";
import type { Integration } from "../../model/integration.ts";
import type { GroupLink, GroupObserved, OpenAttempt, PushedMember } from "../../model/link.ts";
import { claimKnown, claimRemote } from "../attempts/claim-remote.ts";
import { notShownYet, requireOld, withCreated } from "../attempts/fresh-creation.ts";
import { onlyNamed } from "../attempts/only-match.ts";
import { notThere } from "../attempts/provider-failure.ts";
import type { Worked } from "../attempts/run-attempt.ts";
import { interrupted, type RecoveryTimes, settleOrphan } from "../attempts/settle-orphan.ts";
import { isMembersOnly } from "../memberships/group-capabilities.ts";
import { withUncertainName } from "../memberships/group-names.ts";
import { intendedChange, noteSentUncertain, withPresence } from "../memberships/uncertain-members.ts";
import type { IntegrationContext, Ports } from "../ports/ports.ts";
import type { ServiceProvider } from "../ports/service-provider.ts";
import { findOwnGroup } from "./find-uncertain-group.ts";
import { locateGroup } from "./locate-group.ts";
import { ownedGroup } from "./owned-group.ts";
import { keepGroupBooks, releaseGroup, withoutGroup } from "./take-over-group.ts";

/**
 * End an orphaned attempt of a group: ask the provider what is there and record it with the actor of the intent. The
 * members that the attempt is known to have pushed are in the event; for the rest the next call sends the difference.
 */
export const settleGroupAttempt = (ports: Ports, times: RecoveryTimes, link: GroupLink): Promise<void> =>
  settleOrphan(ports, times, link, {
    store: ports.groupLinks,
    claim: async (observed) => ((await claimKnown(ports, "group", link, observed)) ? observed : undefined),
    keepBooks: (observed) => keepGroupBooks(ports, link, observed),
    verify: (integration, provider, attempt) =>
      verify({ ports, integration }, provider, withKnown(link, attempt), attempt),
    unknown: async (attempt, observed) => {
      if (attempt.intent.eventType === "group_delete_provision") return fullComparison(observed);
      await noteSentUncertain(ports, { ...link, observed }, attempt.intent);
      return attempt.known ? observed : withUncertainNames(observed, attempt);
    },
  });

/** A creation may be carried out yet, and a new name may have been taken. */
const withUncertainNames = (observed: GroupObserved, { intent, remoteId }: OpenAttempt): GroupObserved => {
  const { name } = intent.resource;
  if (intent.eventType === "group_create_provision" && !remoteId)
    return { ...observed, uncertainCreation: name };
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
  if (!isProven) await noteSentUncertain(ports, link, intent);
  const before = shown ? fullComparison(link.observed) : link.observed;
  const held = ownedGroup(integration, before, group.id, group.displayName);
  const isMade = intent.eventType === "group_create_provision";
  const observed = isMade ? withCreated(held, ports.clock.now()) : held;
  const isSpelled = observed.name === name || (isMade && isSameName(group.displayName, name));
  const isNamed = isSpelled || isMembersOnly(context);
  const isApplied = !!known || (isNamed && hasIntended(intent, added.length, removed.length));
  const worked = interrupted(intent, provider, observed, isApplied);
  return { ...worked, outcome: { ...worked.outcome, members: { added, removed } } };
};

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

/**
 * Members whom a list does not show, and who count as gone. Where the list lacks one who must be there it may be cut, and
 * nobody counts as gone: a leaver is still taken out, and a member still counts as pushed, unless this attempt may have
 * taken them out.
 */
const withoutUnproven = async (
  ports: Ports,
  groupId: string,
  hidden: PushedMember[],
): Promise<PushedMember[]> => {
  const saved = hidden.length > 0 ? await ports.groups.read(groupId) : undefined;
  if (!saved) return hidden;
  const userIds = hidden.map(({ userId }) => userId);
  const members = await ports.groups.membersAmong(groupId, saved.version, userIds);
  const isCut = hidden.some(({ userId, presence }) => members.has(userId) && presence === "in");
  return isCut ? [] : hidden;
};

/**
 * `isProven`: the list tells of all. Where members are shown, what is noted as pushed becomes what is there; the attempt
 * has done what it noted itself.
 */
const correctPushed = async (
  { ports, integration: { integrationId, baseUrl } }: IntegrationContext,
  link: GroupLink,
  eventId: string,
  shown: string[] | undefined,
): Promise<{ added: string[]; removed: string[]; isProven: boolean }> => {
  const noted: PushedMember[] = [];
  for await (const page of ports.pushedMembers.all(integrationId, link.id)) noted.push(...page);
  const added = new Set(
    noted
      .filter((member) => member.eventId === eventId && member.presence === "in" && !member.foundThere)
      .map(({ userId }) => userId),
  );
  const removed = new Set(
    noted
      .filter((member) => member.eventId === eventId && member.presence === "out")
      .map(({ userId }) => userId),
  );
  let isProven = false;
  if (shown) {
    const owners = await ports.claims.ownersOf({ integrationId, kind: "user", baseUrl }, shown);
    const there = new Map([...owners].map(([remoteId, userId]) => [userId, remoteId]));
    // One who may have been taken out meanwhile counts as come where there, and was not removed by us where not.
    const before = new Set(noted.filter(({ presence }) => presence === "in").map(({ userId }) => userId));
    const trace = {
      since: new Date(ports.clock.now()).toISOString(),
      by: link.attempt?.intent.actor.initiatedBy.id ?? "",
      eventId,
    };
    const arrived = [...there].filter(([userId]) => !before.has(userId));
    const hidden = noted.filter(({ userId, presence }) => presence !== "out" && !there.has(userId));
    const left = await withoutUnproven(ports, link.id, hidden);
    isProven = left.length === hidden.length;
    for (const [userId] of arrived) added.add(userId);
    for (const { userId, presence } of left) if (presence === "in") removed.add(userId);
    await ports.pushedMembers.save(integrationId, link.id, [
      ...arrived.map(([userId, remoteId]): PushedMember => ({ userId, remoteId, presence: "in", ...trace })),
      ...left.map((member) => ({ ...withPresence(member, "out"), ...trace })),
    ]);
  }
  return { added: [...added], removed: [...removed], isProven };
};
