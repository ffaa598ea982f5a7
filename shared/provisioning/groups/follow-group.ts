import { isSameId, isSameName } from "../../common/names.ts";
import { readAttribute } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import { claimRemote } from "../attempts/claim-remote.ts";
import { nameOf } from "../attempts/only-match.ts";
import type { GroupContext, Progress } from "../memberships/group-context.ts";

/**
 * The group was renamed, and where ids follow names the answer shows another id: it is followed, if it is the same
 * group by the name that was just sent or by our externalId, and no other directory group's.
 */
export const followGroup = async (
  { ports, integration, link, saved, mark }: GroupContext,
  progress: Progress,
  shown: RemoteResource | undefined,
): Promise<void> => {
  const { remoteId } = progress.observed;
  if (!shown || remoteId === undefined || isSameId(shown.id, remoteId)) return;
  if (!isSameName(nameOf(shown), saved.name) && readAttribute(shown.resource, "externalId") !== saved.groupId)
    return;
  const { integrationId, baseUrl } = integration;
  const claim = { integrationId, kind: "group" as const, baseUrl, ownerId: link.id };
  const { ownerId } = await claimRemote({ ports, integration }, "group", link, shown.id);
  if (ownerId !== link.id) {
    progress.notes.push(
      `The group is shown under the id ${shown.id}, which is that of directory group ${ownerId}: it is kept as ${remoteId}.`,
    );
    return;
  }
  // This comes first, since recovery has to know where the group is should this process be killed.
  await mark({ remoteId: shown.id });
  progress.observed = { ...progress.observed, remoteId: shown.id };
  progress.notes.push(`The group has the id ${shown.id} now, and not ${remoteId}.`);
  await ports.claims.release({ ...claim, remoteId });
};
