import { concurrently } from "../../shared/common/concurrently.ts";
import { type BoundChapter, pathsOf } from "./chapter.ts";
import { type Directory, groupOf, settle } from "./directory.ts";
import { counted } from "./progress.ts";
import type { AnswerBody } from "./usher-client.ts";

/** Calls under way at once, as an importing script would make them. */
const width = 8;

/** All people and groups of the sample directory into the empty provider. */
export const provisionAll = async ({
  step,
  provider,
  directory,
  check,
  integrationId,
}: BoundChapter): Promise<void> => {
  const paths = pathsOf(integrationId);
  const groupIds = [...directory.groups.keys()];

  await step(
    "save-people",
    `Save ${directory.users.size} people: nothing is assigned, nothing sent`,
    async (call) => {
      const before = provider.requests();
      await concurrently([...directory.users], width, ([userId, user]) =>
        call("PUT", `/users/${userId}`, 200, user),
      );
      check(provider.requests() === before, "saving people reached the provider");
      return undefined;
    },
  );

  const levels = managersByLevel(directory);
  const title = `Assign ${counted(levels.flat().length, "manager")} directly, from the top: whoever follows can name theirs`;
  await step("assign-managers", title, async (call) => {
    for (const level of levels) {
      await concurrently(level, width, async (userId) => {
        const { action } = await call("PUT", paths.user(userId), 200);
        check(action === "created", `${userId} was ${action} instead of created`);
        directory.direct.add(userId);
      });
    }
    return undefined;
  });

  await step("bind-groups", `Bind ${groupIds.length} groups: members first, then the group`, async (call) => {
    const lines: string[] = [];
    for (const groupId of groupIds) {
      const { name, members } = groupOf(directory, groupId);
      const receipt = await call("PUT", paths.group(groupId), 200, { name, members: [...members] });
      directory.bound.add(groupId);
      const wanted = members.size === 0 ? "skipped" : "created";
      check(receipt.action === wanted, `group ${name} was ${receipt.action} instead of ${wanted}`);
      lines.push(`${name.padEnd(22)}${told(receipt)}`);
    }
    settle(directory);
    return lines;
  });

  await step("again", "The same groups and managers again: nothing to do, nothing sent", async (call) => {
    const before = provider.requests();
    for (const groupId of groupIds) {
      const { name, members } = groupOf(directory, groupId);
      await call("PUT", paths.group(groupId), 200, { name, members: [...members] });
    }
    for (const userId of levels.flat()) {
      const { action } = await call("PUT", paths.user(userId), 200);
      check(action === "unchanged", `${userId} was ${action} although nothing had changed`);
    }
    check(provider.requests() === before, "what had not changed was sent again");
    return undefined;
  });
};

const told = ({ action, reason, members }: AnswerBody): string => {
  const { added = 0, pending = [] } = members ?? {};
  const waiting = pending.length > 0 ? `, not active and so left out: ${pending.join(", ")}` : "";
  return `${action}, ${counted(added, "member")}${waiting}${reason === undefined ? "" : ` (${reason})`}`;
};

/** Everyone who manages somebody, those without a manager first: a manager's id is sent once the manager has one. */
const managersByLevel = ({ users }: Directory): string[][] => {
  const levels: string[][] = [];
  for (const userId of new Set([...users.values()].flatMap(({ manager }) => manager ?? []))) {
    let level = 0;
    for (let above = users.get(userId)?.manager; above; above = users.get(above)?.manager) level += 1;
    levels[level] = [...(levels[level] ?? []), userId];
  }
  return levels;
};
