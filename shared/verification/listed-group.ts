import type { GroupLink } from "../model/link.ts";
import type { SyncItem } from "../model/sync.ts";
import { readGroupState } from "../provisioning/memberships/group-state.ts";
import type { Context } from "../provisioning/ports/ports.ts";
import type { ServiceProvider, ShownGroup } from "../provisioning/ports/service-provider.ts";
import { boundThere } from "./bound-there.ts";
import { compareGroup } from "./compare-group.ts";
import { noteSeenGroup, verifyGroup } from "./look-at-group.ts";

/** A group as a list has shown it. `touched`: whether it may have been written to since. */
export type ListedGroup = { groupId: string; shown: ShownGroup; touched(link: GroupLink): boolean };

/** As `verifyListedUser`. Where the list hides the members, the group is read. */
export const verifyListedGroup = async (
  context: Context,
  provider: ServiceProvider,
  { groupId, shown, touched }: ListedGroup,
): Promise<SyncItem[]> => {
  const { ports, integration } = context;
  const group = boundThere(context, await readGroupState(ports, integration.integrationId, groupId));
  if (group?.link.observed.remoteId !== shown.id) return [];
  const verify = async () => (await verifyGroup(context, provider, groupId)).findings;
  if (!shown.members && ports.profileOf(integration).readsMembers) return verify();
  const compared = await compareGroup(context, group, shown);
  const { findings } = compared;
  if (touched(group.link)) return findings.length === 0 ? [] : verify();
  return (await noteSeenGroup(context, group, compared)) ? findings : verify();
};
