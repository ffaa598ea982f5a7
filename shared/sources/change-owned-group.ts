import { changeDirectoryGroup } from "../directory/change-directory-group.ts";
import type { SavedGroup } from "../model/directory.ts";
import { type Owner, ownerAfter } from "../model/owner.ts";
import type { GroupChange } from "../provisioning/ports/directory-store.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { afterRefusal } from "./change-owned-user.ts";
import { type FormerNames, type NamingPorts, releaseNames, takeNames } from "./names.ts";

type Asking = Parameters<typeof changeDirectoryGroup>[0];
type OwningPorts = Asking["ports"] & NamingPorts & Pick<Ports, "owned" | "conflicts">;

/**
 * Change owner, displayName and externalId of a group, as `changeOwnedUser` does of a user, and nothing else: members, which may
 * take longer than a call, are a change of their own that follows, since a name that was taken for one is void after a minute.
 * @throws Failure as `changeOwnedUser`
 */
export const changeOwnedGroup = async (
  asking: Asking & { ports: OwningPorts },
  groupId: string,
  compute: (base: SavedGroup | undefined) => Pick<GroupChange, "name" | "source"> | undefined,
  known?: { saved: SavedGroup | undefined },
): Promise<SavedGroup | undefined> => {
  const { ports } = asking;
  const object = { kind: "group" as const, id: groupId };
  let former: FormerNames = [];
  let [isNew, wanted] = [false, undefined as Owner | undefined];
  const named = async (base: SavedGroup | undefined): Promise<GroupChange | undefined> => {
    // Only the last try counts: in one that came before, the object may still have borne them.
    former = [];
    isNew = base === undefined;
    const change = compute(base);
    if (!change) return undefined;
    wanted = ownerAfter(base?.source, change.source);
    former = await takeNames(ports, object, { source: base?.source }, { source: wanted });
    if (wanted && wanted.sourceId !== base?.source?.sourceId)
      await ports.owned.note(wanted.sourceId, object, ports.clock.now());
    return { ...change, add: [], remove: [] };
  };
  try {
    const saved = await changeDirectoryGroup(asking, groupId, named, known);
    await releaseNames(ports, former);
    return saved;
  } catch (error) {
    if (wanted) await afterRefusal(ports, object, { wanted: { source: wanted }, isNew }, error);
    throw error;
  }
};
