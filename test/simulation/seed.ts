import { GROUP, person, USER } from "../providers/call.ts";
import type { World } from "./world.ts";

/** What the accounts are named after that were there before. */
export const seededNames = ["u0", "u1", "foreign"];

/**
 * Accounts that were there before, of users 0 and 1, the latter inactive; and a group of one whom nobody here knows.
 */
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
  await send(world, "POST", "/Groups", group);
  // Where creations are accepted first, they are carried out once somebody reads.
  for (let reads = 0; (await world.provider.inner.groups()).length === 0 && reads < 5; reads += 1)
    await send(world, "GET", "/Groups");
  // Read and not told: some answer a creation without the id.
  for (const { id } of await world.provider.inner.groups()) foundIds.add(id);
};

const addUser = async (world: World, resource: Record<string, unknown>): Promise<string> => {
  const made = { schemas: [USER], ...resource };
  const { inner } = world.provider;
  if (inner.addUser) return inner.addUser(made);
  return String((JSON.parse(await send(world, "POST", "/Users", made)) as { id: unknown }).id);
};

/** By a request that is none of ours. */
const send = async (
  { provider, target }: World,
  method: string,
  path: string,
  resource?: object,
): Promise<string> => {
  const template = target.overrides.authorizationTemplate ?? "Bearer {clientSecret}";
  const { body } = await provider.inner.handle({
    method,
    url: provider.basePath + path,
    path,
    query: new URLSearchParams(),
    headers: {
      authorization: template.replace("{clientSecret}", provider.token),
      "user-agent": "somebody else",
      "content-type": "application/scim+json",
    },
    body: resource ? JSON.stringify(resource) : "",
  });
  return body;
};
