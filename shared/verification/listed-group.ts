import type { GroupLink } from "../model/link.ts";
import { readGroupState } from "../provisioning/memberships/group-state.ts";
import type { Context } from "../provisioning/ports/ports.ts";
import type { ShownGroup } from "../provisioning/ports/service-provider.ts";
import { boundThere } from "./bound-there.ts";
import { compareGroup } from "./compare-group.ts";
import { noteSeenGroup, type Reading, verifyGroup } from "./look-at-group.ts";
import { type Looked, toLooked } from "./look-at-user.ts";

/** A group as a list has shown it. `touched`: whether it may have been written to since. */
export type ListedGroup = { groupId: string; shown: ShownGroup; touched(link: GroupLink): boolean };

/** As `verifyListedUser`. Where the list hides the members, the group is read. */
export const verifyListedGroup = async (
  { provider, areShown, ...context }: Context & Reading,
  { groupId, shown, touched }: ListedGroup,
): Promise<Looked> => {
  const { ports, integration } = context;
  const group = boundThere(context, await readGroupState(ports, integration.integrationId, groupId));
  if (group?.link.observed.remoteId !== shown.id) return { findings: [], isThere: true };
  const verify = () => verifyGroup(context, { provider, areShown }, groupId);
  if (!shown.members && ports.profileOf(integration).readsMembers) return verify();
  const compared = await compareGroup(context, group, shown, areShown);
  const isTouched = touched(group.link);
  const isLeft = isTouched && compared.findings.length === 0;
  const isKept = isLeft || (!isTouched && (await noteSeenGroup(context, group, compared)));
  return isKept ? toLooked(compared, shown) : verify();
};
