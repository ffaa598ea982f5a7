import { readKey } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import { Failure } from "../../model/failure.ts";
import type { GroupLink, GroupObserved } from "../../model/link.ts";
import { onlyMatch } from "../accounts/adopt-account.ts";
import { findAccepted } from "../attempts/accepted-creation.ts";
import type { GroupContext } from "../memberships/group-context.ts";
import { claimGroup } from "./claim-group.ts";

type Seeking = Pick<GroupContext, "ports" | "integration" | "provider" | "link"> & { sendUntil: number };

/**
 * A creation was sent under this name, nobody knows what became of it, and the group is to go, or to have another name:
 * look for it, so that none stays there that nobody knows of. What is found is claimed.
 */
export const findUncertainGroup = async (
  { ports, integration, provider, link, sendUntil }: Seeking,
  name: string,
): Promise<RemoteResource | undefined> => {
  const find = async () => onlyMatch(ownOf(await provider.findGroups(name), link), name);
  const group = await (link.observed.acceptedAt ? findAccepted(ports.clock, sendUntil, find) : find());
  if (!group) return undefined;
  try {
    await claimGroup({ ports, integration }, link, group.id);
    return group;
  } catch (error) {
    if (error instanceof Failure && error.code === "account-claimed") return undefined;
    throw error;
  }
};

/** Those with our externalId; where no group has it, those that show none, as several providers do not keep it. */
const ownOf = (groups: RemoteResource[], { id }: GroupLink): RemoteResource[] => {
  const shown = ({ resource }: RemoteResource) => readKey(resource, "externalId") ?? undefined;
  const ours = groups.filter((group) => shown(group) === id);
  return ours.length > 0 ? ours : groups.filter((group) => shown(group) === undefined);
};

/** No such group is there. */
export const withoutUncertainCreation = ({
  uncertainCreation: _,
  ...observed
}: GroupObserved): GroupObserved => observed;
