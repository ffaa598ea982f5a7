import type { UserLink, UserObserved } from "../model/link.ts";
import { noteDoubtful } from "./doubtful-members.ts";
import { readGroupState } from "./group-state.ts";
import type { Ports } from "./ports/ports.ts";

/**
 * The user has an active account, and before it was another or none: note it, so that each group of the user is
 * pending and looks at this member again. The same account, which was shut out for a while, may have been taken out of
 * its groups by the provider. To be called before `observed` is saved, so that no kill comes between.
 */
export const requeueMemberships = async (
  ports: Ports,
  { integrationId, id, assignment, observed: before }: UserLink,
  { remoteId, pushed }: UserObserved,
): Promise<void> => {
  const isHere = remoteId !== undefined && pushed?.active === true;
  if (!isHere || (before.remoteId === remoteId && before.pushed?.active === true)) return;
  for (const groupId of assignment.groups) {
    const member = (await ports.pushedMembers.among(integrationId, groupId, [id])).get(id);
    if (member?.state !== "pushed") continue;
    if (member.remoteId === remoteId) await noteDoubtful(ports, integrationId, groupId, [member]);
    else await ports.pushedMembers.save(integrationId, groupId, [{ ...member, state: "pending" }]);
    const { link } = await readGroupState(ports, integrationId, groupId);
    await ports.groupLinks.note({ integrationId, id: groupId }, link.rev, { ...link.observed, isDue: true });
  }
};
