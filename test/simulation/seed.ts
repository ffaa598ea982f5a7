import { call, GROUP, person, USER } from "../providers/call.ts";
import type { World } from "./world.ts";

/** Accounts that were there before, of users 0 and 1, the latter inactive; and a group of one whom nobody here knows. */
export const seed = async ({
  provider,
  email,
  target,
  groupName,
  userId,
  foundIds,
  foreignIds,
}: World): Promise<void> => {
  const ours = (at: number) => (target.seedsExternalId ? { externalId: userId(at) } : {});
  const before = [
    person("Old", "Name", {
      ...ours(0),
      userName: email("u0"),
      emails: [{ value: email("u0"), type: "work", primary: true }],
    }),
    person("Old", "Name", { ...ours(1), userName: email("u1"), active: false, emails: undefined }),
    person("Foreign", "Person", { userName: email("foreign") }),
  ];
  const ids: string[] = [];
  for (const resource of before)
    ids.push(
      await addUser(provider, { displayName: "Old Name", entitlements: [{ value: "user" }], ...resource }),
    );
  for (const id of ids) foundIds.add(id);
  foreignIds.add(String(ids[2]));
  if (!target.groupsEnabled) return;
  const group = { schemas: [GROUP], displayName: groupName(1, "a"), members: [{ value: ids[2] }] };
  foundIds.add(String((await call(provider, "POST", "/Groups", group)).json.id));
};

const addUser = async (provider: World["provider"], resource: Record<string, unknown>): Promise<string> => {
  if ("addUser" in provider && typeof provider.addUser === "function")
    return String(provider.addUser({ schemas: [USER], ...resource }));
  return String((await call(provider, "POST", "/Users", { schemas: [USER], ...resource })).json.id);
};
