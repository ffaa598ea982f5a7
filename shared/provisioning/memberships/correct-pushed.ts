import type { GroupLink, PushedMember } from "../../model/link.ts";
import type { IntegrationContext, Ports } from "../ports/ports.ts";
import { withPresence } from "./uncertain-members.ts";

/**
 * `isProven`: the list tells of all. Where members are shown, what is noted as pushed becomes what is there; the attempt
 * has done what it noted itself.
 */
export const correctPushed = async (
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
      .filter((member) => member.eventId === eventId && (member.presence === "out" || member.addedAt))
      .map(({ userId }) => userId),
  );
  let isProven = false;
  if (shown) {
    const owners = await ports.claims.ownersOf({ integrationId, kind: "user", baseUrl }, shown);
    const there = new Map([...owners].map(([remoteId, userId]) => [userId, remoteId]));
    // One who may have been taken out meanwhile counts as come where there, and was not removed by us where not; so does
    // one who was in the group with another account, which is gone.
    const wasIn = noted.filter(
      ({ userId, remoteId, presence }) => presence === "in" && remoteId === (there.get(userId) ?? remoteId),
    );
    const before = new Set(wasIn.map(({ userId }) => userId));
    const trace = {
      since: new Date(ports.clock.now()).toISOString(),
      by: link.attempt?.intent.actor.initiatedBy.id ?? "",
      eventId,
    };
    const arrived = [...there].filter(([userId]) => !before.has(userId));
    // One who may come back although taken out is not shown yet.
    const hidden = noted.filter(
      ({ userId, presence, addedAt }) => presence !== "out" && !addedAt && !there.has(userId),
    );
    // It has not shown before what was sent, and may show a part of its members alone.
    const isDoubted = link.observed.unconfirmed?.expected.members !== undefined;
    const left = isDoubted ? [] : await withoutUnproven(ports, link.id, hidden);
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
