import type { RemoteResource } from "../../model/attributes.ts";
import { isSoughtInList, pagesInDoubt } from "../attempts/accepted-creation.ts";
import { findUncertain } from "../attempts/find-uncertain.ts";
import { onlyNamed, ownOf } from "../attempts/only-match.ts";
import type { GroupContext } from "../memberships/group-context.ts";
import { ignoreFailure } from "../ports/ignore-failure.ts";

type Seeking = Pick<GroupContext, "ports" | "integration" | "provider" | "link"> & { sendUntil: number };

/**
 * A creation was sent under this name, nobody knows what became of it, and the group is to go, or to have another name:
 * look for it, so that none stays there that nobody knows of. What is found is claimed.
 */
export const findUncertainGroup = (work: Seeking, name: string): Promise<RemoteResource | undefined> =>
  findUncertain(work, "group", async () => {
    const named = await findOwnGroup(work, name);
    const isListed = !named && isSoughtInList(work.link.observed, work.ports.clock.now());
    return isListed ? onlyNamed(await listOwnGroups(work, name), name) : named;
  });

/** The group of this name, which need not be claimed. @throws Failure `provider-rejected` for several */
export const findOwnGroup = async (
  { provider, link }: Pick<Seeking, "provider" | "link">,
  name: string,
): Promise<RemoteResource | undefined> => onlyNamed(ownOf(await provider.findGroups(name), link.id), name);

/** For where a creation under this name is in doubt, and the filter has found none. */
export const listOwnGroups = async (
  { provider, link }: Pick<Seeking, "provider" | "link">,
  name: string,
): Promise<RemoteResource[]> => {
  const listed = await provider.listGroups(name, pagesInDoubt).catch(ignoreFailure);
  return ownOf(listed ?? [], link.id);
};
