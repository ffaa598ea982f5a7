import { readKey } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import type { GroupLink } from "../../model/link.ts";
import { findUncertain } from "../attempts/find-uncertain.ts";
import { onlyNamed } from "../attempts/only-match.ts";
import type { GroupContext } from "../memberships/group-context.ts";

type Seeking = Pick<GroupContext, "ports" | "integration" | "provider" | "link"> & { sendUntil: number };

/**
 * A creation was sent under this name, nobody knows what became of it, and the group is to go, or to have another name:
 * look for it, so that none stays there that nobody knows of. What is found is claimed.
 */
export const findUncertainGroup = (work: Seeking, name: string): Promise<RemoteResource | undefined> =>
  findUncertain(work, "group", async () => findOwnGroup(work, name));

/** The group of this name, which need not be claimed. @throws Failure `provider-rejected` for several */
export const findOwnGroup = async (
  { provider, link }: Pick<Seeking, "provider" | "link">,
  name: string,
): Promise<RemoteResource | undefined> => onlyNamed(ownOf(await provider.findGroups(name), link), name);

/** Those with our externalId; where no group has it, those that show none, as several providers do not keep it. */
const ownOf = (groups: RemoteResource[], { id }: GroupLink): RemoteResource[] => {
  const shown = ({ resource }: RemoteResource) => readKey(resource, "externalId") ?? undefined;
  const ours = groups.filter((group) => shown(group) === id);
  return ours.length > 0 ? ours : groups.filter((group) => shown(group) === undefined);
};
