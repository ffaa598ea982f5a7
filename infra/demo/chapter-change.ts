import type { DirectoryUserInput } from "../../shared/model/directory.ts";
import { type BoundChapter, pathsOf } from "./chapter.ts";
import { groupOf, settle, userOf } from "./directory.ts";
import type { Call } from "./usher-client.ts";

/** People change, groups are renamed, members come and go: one request each, with the difference alone. */
export const changeThings = async (chapter: BoundChapter): Promise<void> => {
  const { step, directory, check } = chapter;
  const paths = pathsOf(chapter.integrationId);

  await step("title", "Yuki is promoted: one attribute, one request", (call) =>
    updateUser(chapter, call, "yuki.tanaka", { jobTitle: "Staff engineer" }),
  );
  await step("surname", "Ana-Maria takes another surname, and with it another e-mail address", (call) =>
    updateUser(chapter, call, "ana-maria.popescu-ionescu", {
      lastname: "Popescu",
      email: "Ana-Maria.Popescu@example.com",
    }),
  );
  await step("move", "Kwame gets another manager and department, and gives back the telephone", (call) => {
    const { phoneNumbers: _, ...user } = userOf(directory, "kwame.asante");
    directory.users.set("kwame.asante", user);
    return updateUser(chapter, call, "kwame.asante", { manager: "priya.natarajan", department: "Marketing" });
  });

  await step("rename", "Rename a group", async (call) => {
    const group = groupOf(directory, "customer-support");
    const before = group.name;
    group.name = "Customer care";
    const { action } = await call("PUT", paths.group("customer-support"), 200, { name: group.name });
    check(action === "updated", `the renamed group was ${action}`);
    return [`${before} is now ${group.name}`];
  });

  await step("members", "Change members: one comes and one goes", async (call) => {
    const change = { add: ["kealohi.kahananui"], remove: ["diego.munoz"] };
    const { members } = await call("POST", paths.members("sales-and-marketing"), 200, change);
    changeMembers(chapter, "sales-and-marketing", change);
    check(
      members?.added === 1 && members.removed === 1,
      "the group's receipt tells another change of members",
    );
    return undefined;
  });

  await step("member-list", "Give the whole list of members: the difference is sent", async (call) => {
    const change = { add: ["tomas.dvorak", "yuki.tanaka"], remove: ["dmytro.shevchenko"] };
    changeMembers(chapter, "production-databases", change);
    const { name, members } = groupOf(directory, "production-databases");
    const receipt = await call("PUT", paths.group("production-databases"), 200, {
      name,
      members: [...members],
    });
    const { added, removed } = receipt.members ?? {};
    check(added === 2 && removed === 1, "the group's receipt tells another change of members");
    return undefined;
  });

  await step("empty-group", "The last member leaves a group: it stays, empty", async (call) => {
    const change = { add: [], remove: ["fatemeh.hosseini"] };
    await call("POST", paths.members("break-glass"), 200, change);
    changeMembers(chapter, "break-glass", change);
    return undefined;
  });
  settle(directory);
};

/** Puts the user with these changes, which must be one request at the provider. */
const updateUser = async (
  { directory, provider, check, integrationId }: BoundChapter,
  call: Call,
  userId: string,
  changes: Partial<DirectoryUserInput>,
): Promise<undefined> => {
  const user = { ...userOf(directory, userId), ...changes };
  const before = provider.requests();
  const { action } = await call("PUT", pathsOf(integrationId).user(userId), 200, user);
  check(action === "updated", `${userId} was ${action} instead of updated`);
  check(provider.requests() === before + 1, `the change of ${userId} took other than one request`);
  directory.users.set(userId, user);
  directory.direct.add(userId);
};

const changeMembers = (
  { directory }: BoundChapter,
  groupId: string,
  { add, remove }: { add: string[]; remove: string[] },
): void => {
  const { members } = groupOf(directory, groupId);
  for (const userId of add) members.add(userId);
  for (const userId of remove) members.delete(userId);
};
