import { GROUP, person, USER } from "../providers/call.ts";
import type { World } from "./world.ts";

/** Accounts that were there before, of users 0 and 1, the latter inactive; and a group of one whom nobody here knows. */
export const seedProvider = async (world: World): Promise<void> => {
  const { email, target, groupName, userId, foundIds, foreignIds } = world;
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
      await addUser(world, { displayName: "Old Name", entitlements: [{ value: "user" }], ...resource }),
    );
  for (const id of ids) foundIds.add(id);
  foreignIds.add(String(ids[2]));
  if (!target.groupsEnabled) return;
  const group = { schemas: [GROUP], displayName: groupName(1, "a"), members: [{ value: ids[2] }] };
  await create(world, "/Groups", group);
  // Read and not told: some answer a creation without the id.
  for (const { id } of await world.provider.inner.groups()) foundIds.add(id);
};

const addUser = async (world: World, resource: Record<string, unknown>): Promise<string> => {
  const { inner } = world.provider;
  return (
    inner.addUser?.({ schemas: [USER], ...resource }) ??
    (await create(world, "/Users", { schemas: [USER], ...resource }))
  );
};

/** By a request that is none of ours. */
const create = async ({ provider, target }: World, path: string, resource: object): Promise<string> => {
  const template = target.overrides.authorizationTemplate ?? "Bearer {clientSecret}";
  const { body } = await provider.inner.handle({
    method: "POST",
    url: provider.basePath + path,
    path,
    query: new URLSearchParams(),
    headers: {
      authorization: template.replace("{clientSecret}", provider.token),
      "user-agent": "somebody else",
      "content-type": "application/scim+json",
    },
    body: JSON.stringify(resource),
  });
  return String((JSON.parse(body) as { id: unknown }).id);
};
