import { groupFacts } from "../memberships/group-capabilities.ts";
import type { GroupContext } from "../memberships/group-context.ts";

/** Who may be in the group beside our members, in words; undefined where a read shows that nobody is. */
export const othersInGroup = async (
  { ports, integration, provider, link }: Pick<GroupContext, "ports" | "integration" | "provider" | "link">,
  groupRemoteId: string,
): Promise<string | undefined> => {
  const { integrationId, baseUrl } = integration;
  const shown = (await provider.readGroup(groupRemoteId))?.members;
  // An empty list may be that of a group whose members are hidden, and shows nothing.
  if (!shown?.length || !groupFacts({ ports, integration }, link).showsMembers) return hidden;
  const owners = await ports.claims.ownersOf({ integrationId, kind: "user", baseUrl }, shown);
  const others = shown.filter((memberId) => !owners.has(memberId));
  if (others.length > 0)
    return `people are in it who are unknown to the directory: ${others.slice(0, 100).join(", ")} (${others.length})`;
  // A list that is cut lacks some of ours, too.
  const there = new Set(shown);
  for await (const page of ports.pushedMembers.all(integrationId, link.id))
    if (page.some(({ presence, remoteId }) => presence !== "out" && !there.has(remoteId))) return hidden;
  return undefined;
};

const hidden = "the service provider does not show all who are in it";
