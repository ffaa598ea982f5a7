import { concurrently } from "../../common/concurrently.ts";
import { encodeCursor, type Page, type PageOf } from "../../common/cursor.ts";
import { fillPage } from "../../common/fill-page.ts";
import type { SavedGroup } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { GroupLink, PushedMember } from "../../model/link.ts";
import type { GroupStatus, MemberStatus, State } from "../../model/receipt.ts";
import { shownState } from "../../model/work.ts";
import { existingIntegration, requireIntegration } from "../attempts/require-integration.ts";
import { groupState, readGroupState, withoutMembers } from "../memberships/group-state.ts";
import type { UserReads } from "../ports/call-reads.ts";
import { linksList, membersList } from "../ports/list-names.ts";
import type { Ports } from "../ports/ports.ts";
import { isWaitingState, listWaiting } from "./list-waiting.ts";
import { historyOf, nextAttemptOf } from "./user-status.ts";

const toStatus = (integration: Integration, link: GroupLink, saved: SavedGroup | undefined): GroupStatus => {
  const { assignment, observed } = link;
  const state = groupState(integration, link, saved);
  const unboundMeans = assignment.removal === "delete" ? "absent" : "inactive";
  return {
    integrationId: integration.integrationId,
    groupId: link.id,
    name: saved?.name ?? observed.name ?? link.id,
    bound: assignment.bound,
    ...shownState(link, state),
    ...(state === "skipped" && { reason: withoutMembers }),
    desired: assignment.bound ? "active" : unboundMeans,
    ...(observed.remoteId && { remoteId: observed.remoteId }),
    ...historyOf(observed),
    ...nextAttemptOf(link, state),
  };
};

/** @throws Failure `not-found` where the integration is unknown or never held the group */
export const getGroupStatus = async (
  ports: Ports,
  integrationId: string,
  groupId: string,
): Promise<GroupStatus> => {
  const { row, saved, link } = await ports.reads.group(integrationId, groupId);
  const integration = existingIntegration(row, integrationId);
  if (!link) throw notHeld(integrationId, groupId);
  return toStatus(integration, link, saved);
};

/** By groupId; those that wait by whose turn it is, without a look at the others. */
export const listGroupStatuses = async (
  ports: Ports,
  integrationId: string,
  { state, ...page }: Page & { state?: State },
): Promise<PageOf<GroupStatus>> => {
  const integration = await requireIntegration(ports, integrationId);
  if (isWaitingState(state))
    return listWaiting(ports, { integrationId, kind: "group", state }, page, (ids) =>
      concurrently(ids, 16, async (id) => {
        const { link, saved } = await readGroupState(ports, integrationId, id);
        return link.work?.state === state ? toStatus(integration, link, saved) : undefined;
      }),
    );
  return fillPage(page, {
    read: (part) => ports.groupLinks.list(integrationId, part),
    show: async (links) => {
      const groups = await Promise.all(links.map(({ id }) => ports.groups.read(id)));
      return links
        .map((link, at) => toStatus(integration, link, groups[at]))
        .map((status) => (!state || status.state === state ? status : undefined));
    },
    cursorAt: ({ id }) => encodeCursor(linksList("group", integrationId), id),
    isFiltered: state !== undefined,
    now: () => ports.clock.now(),
  });
};

/** Members and, until they are taken out at the provider, those who left. */
export const listGroupMembers = async (
  ports: Ports,
  integrationId: string,
  groupId: string,
  page: Page,
): Promise<PageOf<MemberStatus>> => {
  await requireIntegration(ports, integrationId);
  const { saved, link } = await readGroupState(ports, integrationId, groupId);
  if (link.rev === 0 || !saved) throw notHeld(integrationId, groupId);
  return fillPage(page, {
    read: (part) => ports.groups.page(saved, part),
    show: async (listed) => {
      const userIds = listed.map(({ userId }) => userId);
      const [pushed, users] = await Promise.all([
        ports.pushedMembers.among(integrationId, groupId, userIds),
        ports.reads.users(integrationId, userIds),
      ]);
      return listed.map((one) => {
        const there = pushed.get(one.userId);
        return toMemberStatus(one, isGivenUp(there, users.get(one.userId)) ? undefined : there);
      });
    },
    cursorAt: ({ userId }) => encodeCursor(membersList(groupId), userId),
    // Who left long ago is left out, and most members may have.
    isFiltered: true,
    now: () => ports.clock.now(),
  });
};

/** The account that was pushed is the user's no longer, e.g. since it was deleted. */
const isGivenUp = (there: PushedMember | undefined, user: UserReads | undefined): boolean => {
  if (!there || !user?.link) return false;
  const { observed, attempt } = user.link;
  return ![observed.remoteId, attempt?.remoteId].includes(there.remoteId);
};

const toMemberStatus = (
  { userId, member, since }: { userId: string; member: boolean; since: string },
  there: PushedMember | undefined,
): MemberStatus | undefined => {
  if (!there || there.presence === "out") return member ? { userId, state: "pending", since } : undefined;
  const { by, eventId, presence } = there;
  const state = member && presence === "in" ? "pushed" : "pending";
  return { userId, state, since: there.since, by, eventId };
};

const notHeld = (integrationId: string, groupId: string): Failure =>
  new Failure("not-found", `Integration ${integrationId} never held group ${groupId}.`);
