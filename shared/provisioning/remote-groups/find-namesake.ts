import { readKey } from "../../mapping/remote-attributes.ts";
import type { GroupLink } from "../../model/link.ts";
import type { GroupContext } from "../memberships/group-context.ts";
import { groupNames } from "../memberships/group-names.ts";

/**
 * A group there that has the name of one whose id is gone, shows nobody's externalId and is no other directory group's:
 * it may be the same one, under a new id. `isOurs`: all members that were pushed are in it.
 */
export const findNamesake = async (
  {
    ports,
    provider,
    integration: { integrationId, baseUrl },
  }: Pick<GroupContext, "ports" | "provider" | "integration">,
  { id, observed }: GroupLink,
): Promise<{ id: string; name: string; isOurs: boolean } | undefined> => {
  for (const name of new Set(groupNames(observed))) {
    if (name === undefined) continue;
    for (const { id: remoteId, resource } of await provider.findGroups(name)) {
      if (remoteId === observed.remoteId || (readKey(resource, "externalId") ?? undefined) !== undefined)
        continue;
      const owner = await ports.claims.ownerOf({ integrationId, kind: "group", baseUrl, remoteId });
      if (owner !== undefined && owner !== id) continue;
      const members = new Set((await provider.readGroup(remoteId))?.members);
      const pushed: string[] = [];
      for await (const page of ports.pushedMembers.all(integrationId, id))
        pushed.push(...page.filter(({ presence }) => presence === "in").map((member) => member.remoteId));
      return { id: remoteId, name, isOurs: pushed.length > 0 && pushed.every((one) => members.has(one)) };
    }
  }
  return undefined;
};
