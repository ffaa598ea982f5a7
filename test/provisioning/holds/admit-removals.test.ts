import { expect, test } from "vitest";
import { admitRemovals } from "../../../shared/provisioning/holds/admit-removals.ts";
import { leaveHold } from "../../../shared/provisioning/holds/leave-hold.ts";
import { givenAccounts } from "./support.ts";

const minuteMs = 60_000;
const ofAccounts = (accounts: string[]) => ({ accounts, groups: [] });

test("an act that goes beyond what is free is held whole, and the same again changes nothing", async () => {
  const { contextOf, people, holds } = givenAccounts(11);
  for (const _ of [1, 2]) {
    const held = await admitRemovals(contextOf("ada", "act-1"), ofAccounts(people));
    expect(held.map(({ userId }) => userId)).toEqual(people);
    expect(await holds()).toMatchObject([{ state: "open", count: 11, holdId: held[0]?.holdId }]);
  }
});

test("what is free goes, and goes again", async () => {
  const { contextOf, people, holds } = givenAccounts(10);
  for (const _ of [1, 2])
    expect(await admitRemovals(contextOf("ada", "act-1"), ofAccounts(people))).toEqual([]);
  expect(await holds()).toEqual([]);
});

test("more of an act that is held is held too, however few", async () => {
  const { contextOf, people, holds } = givenAccounts(13);
  await admitRemovals(contextOf("ada", "act-1"), ofAccounts(people.slice(0, 11)));
  expect(await admitRemovals(contextOf("ada", "act-1"), ofAccounts(people.slice(11)))).toHaveLength(2);
  expect(await holds()).toMatchObject([{ count: 13 }]);
  expect(await admitRemovals(contextOf("ada", "act-2"), ofAccounts(["somebody else"]))).toEqual([]);
});

test("removals of one origin join its hold for ten minutes; then, and of another, the next begins", async () => {
  const { contextOf, people, holds, pass } = givenAccounts(60);
  const hold = (by: string, act: string, from: number) =>
    admitRemovals(contextOf(by, act), ofAccounts(people.slice(from, from + 11)));
  await hold("ada", "act-1", 0);
  pass(9 * minuteMs);
  await hold("ada", "act-2", 11);
  await hold("bob", "act-3", 22);
  pass(2 * minuteMs);
  await hold("ada", "act-4", 33);
  expect((await holds()).map(({ count, cause }) => [cause.initiatedBy.id, count])).toEqual([
    ["ada", 22],
    ["bob", 11],
    ["ada", 11],
  ]);
});

test("many acts of one origin at once come to one hold", async () => {
  const { contextOf, people, holds } = givenAccounts(40);
  await admitRemovals(contextOf("ada", "free"), ofAccounts(people.slice(0, 10)));
  await Promise.all(
    people.slice(10).map((userId) => admitRemovals(contextOf("ada", `act-${userId}`), ofAccounts([userId]))),
  );
  expect(await holds()).toMatchObject([{ state: "open", count: 30 }]);
});

test("whose account goes with the group counts once, and as an account", async () => {
  const { contextOf, people, holds } = givenAccounts(25);
  const group = (userIds: string[], accounts: string[]) => ({
    accounts: [],
    groups: [{ groupId: "dev", userIds, accounts }],
  });
  const twenty = people.slice(0, 20);
  expect(await admitRemovals(contextOf("ada", "act-1"), group(twenty, twenty.slice(0, 10)))).toEqual([]);
  expect(await admitRemovals(contextOf("ada", "act-2"), group(people.slice(20), ["user-24"]))).toHaveLength(
    5,
  );
  expect(await holds()).toMatchObject([{ count: 5 }]);
});

test("who is no longer to go leaves the hold, which is emptied with the last", async () => {
  const { contextOf, people, holds, ports } = givenAccounts(11);
  await admitRemovals(contextOf("ada", "act-1"), ofAccounts(people));
  await leaveHold(ports, "int", [{ userId: "user-0" }, { userId: "nobody" }]);
  expect(await holds()).toMatchObject([{ state: "open", count: 10 }]);
  await leaveHold(
    ports,
    "int",
    people.map((userId) => ({ userId })),
  );
  expect(await holds()).toMatchObject([{ state: "emptied", count: 0 }]);
});

test("an item that a dead process left in a hold that was closed is held anew", async () => {
  const { contextOf, people, holds, ports, pass } = givenAccounts(11);
  await admitRemovals(contextOf("ada", "act-1"), ofAccounts(people));
  pass(minuteMs);
  const [hold] = await holds();
  if (!hold) throw new Error("one was opened");
  await ports.holds.save({ ...hold, state: "emptied", count: 0 });
  const held = await admitRemovals(contextOf("ada", "act-1"), ofAccounts(people));
  expect(held).toHaveLength(11);
  expect(await holds()).toMatchObject([
    { state: "emptied" },
    { state: "open", count: 11, holdId: held[0]?.holdId },
  ]);
});
