import { omit } from "../common/objects.ts";
import { changeDirectoryGroup } from "../directory/change-directory-group.ts";
import type { RecordingPorts } from "../directory/record-change.ts";
import type { Owner } from "../model/owner.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";

export type JoiningPorts = RecordingPorts &
  Pick<Ports, "groups" | "users" | "groupLinks" | "pushedMembers" | "waiting">;

/**
 * A user has become the source's: the groups of the source that have waited for them take them in. Each by one change, which
 * ends the waiting, too. Safe to repeat.
 */
export const joinWaiting = async (
  asking: { ports: JoiningPorts; call: Call },
  sourceId: string,
  userId: string,
): Promise<void> => {
  const { ports } = asking;
  for (const groupId of await ports.waiting.groupsOf(sourceId, userId)) {
    await changeDirectoryGroup(asking, groupId, async (base) => {
      const { source, name } = base ?? {};
      if (!base || base.deleted || !name || source?.sourceId !== sourceId) return undefined;
      if (!source.waiting?.includes(userId)) return undefined;
      const there = await ports.groups.membersAmong(groupId, base.version, [userId]);
      return {
        name,
        add: there.has(userId) ? [] : [userId],
        remove: [],
        source: withoutWaiting(source, userId),
      };
    });
    await ports.waiting.forget(sourceId, userId, groupId);
  }
};

const withoutWaiting = (source: Owner, userId: string): Owner => {
  const waiting = (source.waiting ?? []).filter((id) => id !== userId);
  return { ...omit(source, "waiting"), ...(waiting.length > 0 && { waiting }) };
};
