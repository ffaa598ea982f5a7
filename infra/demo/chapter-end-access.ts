import { type BoundChapter, pathsOf, until, untilEqual } from "./chapter.ts";
import { groupOf, isExpectedActive, settle, userOf } from "./directory.ts";

const leaver = "petr.stastny";
/** What each answer takes while there is much to do. */
const delayMs = 500;

/** Access that has to end goes first, and a mistake ends nobody's. */
export const endAccess = async (chapter: BoundChapter): Promise<void> => {
  await overtake(chapter);
  await holdMassRemoval(chapter);
};

const overtake = async (chapter: BoundChapter) => {
  const { step, provider, directory, check } = chapter;

  await step("burst", "Everybody gets another cost center, and then one has to go", async (call) => {
    const everybody = [...directory.users.keys()].filter((userId) => isExpectedActive(directory, userId));
    const before = provider.changedAccounts().length;
    const { email } = userOf(directory, leaver);
    const account = provider.users().find(({ userName }) => userName === email)?.id ?? "";
    provider.setDelay(delayMs);
    const change = async (userId: string, changes: object) => {
      await call("PATCH", `/users/${userId}`, 200, changes);
      directory.users.set(userId, { ...userOf(directory, userId), ...changes });
    };
    const others = everybody.filter((userId) => userId !== leaver);
    await Promise.all(others.map((userId) => change(userId, { costCenter: "CC-900" })));
    await change(leaver, { suspended: true });
    settle(directory);
    const ms = await untilEqual(chapter);
    provider.setDelay(0);
    const order = provider.changedAccounts().slice(before);
    const place = order.indexOf(account) + 1;
    check(place > 0 && place < order.length, `the leaver was number ${place} of ${order.length}`);
    return [`saved last of ${order.length}, and shut out as number ${place}; all there ${ms} ms later`];
  });
};

/** More of one group than the guard lets go without a word. */
const holdMassRemoval = async (chapter: BoundChapter) => {
  const { step, provider, directory, check, integrationId } = chapter;
  const paths = pathsOf(integrationId);
  const staff = groupOf(directory, "all-staff");
  const byMistake = [...staff.members].filter((userId) => directory.accounts.has(userId)).slice(0, 25);
  let holdId = "";
  let count = 0;

  await step("mass-removal", `${byMistake.length} leave a group by mistake: held whole`, async (call) => {
    const members = () =>
      provider.groups().find(({ displayName }) => displayName === staff.name)?.members.length;
    const before = members();
    await call("POST", "/groups/all-staff/members", 200, { remove: byMistake });
    const looked = async () => {
      const { items = [] } = await call("GET", `${paths.holds}?state=open`, 200);
      const [hold] = items as { holdId: string; count: number }[];
      [holdId, count] = [hold?.holdId ?? "", hold?.count ?? 0];
      return count === byMistake.length;
    };
    await until("the hold", looked);
    check(count === byMistake.length, `${count} are held instead of ${byMistake.length}`);
    check(members() === before, "a mass removal that nobody approved reached the provider");
    return [`${count} are held until somebody decides; ${members()} of ${before} are in the group`];
  });
  await step("rejected-removal", "Looked at and rejected, and put right in the directory", async (call) => {
    const { items = [] } = await call("GET", paths.hold(holdId), 200);
    check(items.length === count, `the hold lists ${items.length} instead of ${count}`);
    await call("POST", `${paths.hold(holdId)}/reject`, 200, { count });
    await call("POST", "/groups/all-staff/members", 200, { add: byMistake });
    await untilEqual(chapter);
    const { items: open = [] } = await call("GET", `${paths.holds}?state=open`, 200);
    check(open.length === 0, "something is still held");
    return undefined;
  });
};
