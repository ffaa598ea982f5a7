import { isSameId, isSameName } from "../../common/names.ts";
import { readAttribute } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import { Failure } from "../../model/failure.ts";
import { requireClaim } from "../attempts/claim-remote.ts";
import { nameOf } from "../attempts/only-match.ts";
import { noteUnauthorized } from "../attempts/provider-failure.ts";
import type { GroupContext, Progress } from "../memberships/group-context.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";

/**
 * The group was renamed, and where ids follow names it has another id. What the answer shows is followed, or what a
 * look-up finds where a rename is answered without a resource, if it is the same group by the name that was just sent or
 * by our externalId, and no other directory group's. False where it could not be looked for, so that its id is unknown.
 */
export const followGroup = async (
  work: GroupContext,
  progress: Progress,
  answered: RemoteResource | undefined,
): Promise<boolean> => {
  const { ports, integration, link, saved, mark } = work;
  const { remoteId } = progress.observed;
  if (remoteId === undefined) return true;
  const shown = answered ?? (await findRenamed(work, remoteId));
  if (shown === "unknown") {
    progress.notes.push("Whether the group has another id with its new name could not be looked up.");
    return false;
  }
  if (!shown || isSameId(shown.id, remoteId)) return true;
  if (!isSameName(nameOf(shown), saved.name) && !isOurs(shown, saved.groupId)) return true;
  try {
    await requireClaim(work, "group", link, shown.id);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "account-claimed") throw error;
    progress.notes.push(`The group is shown under the id ${shown.id}. ${error.message}`);
    return true;
  }
  // This comes first, since recovery has to know where the group is should this process be killed.
  await mark({ remoteId: shown.id });
  progress.observed = { ...progress.observed, remoteId: shown.id };
  progress.notes.push(`The group has the id ${shown.id} now, and not ${remoteId}.`);
  const { integrationId, baseUrl } = integration;
  await ports.claims.release({ integrationId, kind: "group", baseUrl, remoteId, ownerId: link.id });
  return true;
};

const isOurs = ({ resource }: RemoteResource, groupId: string): boolean =>
  readAttribute(resource, "externalId") === groupId;

/**
 * The renamed group, where it is under another id. One that does not show our externalId is it once the old id is gone.
 * The rename is done, whatever becomes of looking for it.
 */
const findRenamed = async (
  { ports, integration, provider, saved }: GroupContext,
  remoteId: string,
): Promise<RemoteResource | "unknown" | undefined> => {
  try {
    const named = await provider.findGroups(saved.name);
    const [match] = named;
    if (!match || named.length > 1 || isSameId(match.id, remoteId)) return undefined;
    return isOurs(match, saved.groupId) || !(await provider.readGroup(remoteId)) ? match : undefined;
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    await noteUnauthorized({ ports, integration }, error);
    return "unknown";
  }
};
