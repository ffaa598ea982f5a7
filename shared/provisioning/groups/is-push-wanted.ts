import { chunksOf } from "../../common/chunks.ts";
import { remoteIdAt } from "../../model/link.ts";
import { desiredOf } from "../assignments/assignment.ts";
import type { GroupContext, GroupPush } from "../memberships/group-context.ts";
import type { JoiningMember } from "../memberships/plan-members.ts";
import type { IntegrationContext } from "../ports/ports.ts";

const readAtOnce = 100;

/**
 * Whether the push, which has waited, is wanted still: the binding is as it was, those who join are members with the
 * same account, nobody who leaves has come back, and the name is the same. Asks the store alone.
 */
export const isPushWanted = async (
  context: IntegrationContext,
  { saved, link }: Pick<GroupContext, "saved" | "link">,
  { join, verify = [], leave, isWithoutName }: GroupPush,
): Promise<boolean> => {
  const { groupLinks, groups } = context.ports;
  const { groupId } = saved;
  const { bound } = link.assignment;
  if (((await groupLinks.read(link))?.assignment.bound ?? false) !== bound) return false;
  const joining = [...join, ...verify];
  const now = await groups.read(groupId);
  if (now?.version !== saved.version) {
    if (!now || (now.name !== saved.name && !isWithoutName)) return false;
    const userIds = [...joining, ...leave].map(({ userId }) => userId);
    const members = await groups.membersAmong(groupId, now.version, userIds);
    if (!joining.every(({ userId }) => members.has(userId))) return false;
    if (leave.some(({ userId }) => members.has(userId))) return false;
  }
  return areAccountsWanted(context, joining);
};

const areAccountsWanted = async (
  { ports, integration }: IntegrationContext,
  joining: JoiningMember[],
): Promise<boolean> => {
  for (const chunk of chunksOf(joining, readAtOnce)) {
    const userIds = chunk.map(({ userId }) => userId);
    const users = await ports.reads.users(integration.integrationId, userIds);
    const isWanted = ({ userId, remoteId }: JoiningMember) => {
      const { saved, link } = users.get(userId) ?? {};
      if (!link || desiredOf(link.assignment, saved) !== "active") return false;
      return remoteIdAt(integration, link.observed) === remoteId;
    };
    if (!chunk.every(isWanted)) return false;
  }
  return true;
};
