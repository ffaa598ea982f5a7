import type { SavedGroup } from "../../model/directory.ts";
import type { Context } from "../ports/ports.ts";

/** RFC 3339, and the version of the group then. */
export type Asked = { at: string; version: number };

/**
 * Those of these users, no members now, who were taken out since a bind was asked to keep them: out of the group, in whatever way, or
 * out of the integration.
 */
export const takenOutSince = async (
  { ports, integration: { integrationId } }: Context,
  base: SavedGroup | undefined,
  userIds: string[],
  { at, version }: Asked,
): Promise<Set<string>> => {
  const changed = base ? await ports.groups.changedBetween(base.groupId, version, base.version) : [];
  const left = new Set(changed);
  const links = await ports.reads.users(integrationId, userIds);
  const isExcluded = (userId: string): boolean => {
    const { excluded, exclusion } = links.get(userId)?.link?.assignment ?? {};
    return excluded === true && exclusion !== undefined && exclusion.since >= at;
  };
  return new Set(userIds.filter((userId) => left.has(userId) || isExcluded(userId)));
};
