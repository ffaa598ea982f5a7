import { pathsOf } from "./chapter.ts";
import type { Directory } from "./directory.ts";
import type { Call } from "./usher-client.ts";

type Binding = { directory: Directory; integrationId: string; groupId: string; name: string };

/**
 * An admin binds the group that was pushed: from then on its members get their accounts by themselves.
 * @returns the members as the demo knows them, nobody yet
 */
export const bindPushedGroup = async (
  call: Call,
  { directory, integrationId, groupId, name }: Binding,
): Promise<Set<string>> => {
  const members = new Set<string>();
  await call("PUT", pathsOf(integrationId).group(groupId), 200);
  directory.groups.set(groupId, { name, members });
  directory.bound.add(groupId);
  return members;
};
