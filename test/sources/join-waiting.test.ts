import { expect, test } from "vitest";
import { Failure } from "../../shared/model/failure.ts";
import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import { adoptObjects } from "../../shared/sources/adopt-objects.ts";
import { changeOwnedGroup } from "../../shared/sources/change-owned-group.ts";
import { makeUser } from "../stores/samples.ts";
import { dying, given } from "./given.ts";

const groupId = "g1";

/** A group of the source that waits for users whom nobody owns. */
const withWaiting = async (count: number) => {
  const world = given();
  const { ports, call } = world;
  const { sourceId } = (await world.makeSource()).source;
  const userIds = Array.from({ length: count }, (_, at) => `u${String(at).padStart(4, "0")}`);
  for (const userId of userIds)
    await ports.users.save(userId, 0, makeUser({ email: `${userId}@example.com` }));
  await ports.waiting.note(sourceId, userIds, groupId);
  const source = { sourceId, name: "Engineering", waiting: userIds };
  await changeOwnedGroup({ ports, call }, groupId, () => ({ name: source.name, source }));
  const members = async () => {
    const all: string[] = [];
    const { version = 0 } = (await ports.groups.read(groupId)) ?? {};
    for await (const page of ports.groups.members(groupId, version)) all.push(...page);
    return all.toSorted();
  };
  const adopt = (on: Ports = ports) => adoptObjects({ ports: on, call }, sourceId, { all: true });
  return { ...world, sourceId, userIds, members, adopt };
};

test("all users that a source is given join the group that waits for them by one change of it", async () => {
  const { ports, userIds, members, adopt } = await withWaiting(450);
  const { version = 0 } = (await ports.groups.read(groupId)) ?? {};
  expect(await adopt()).toMatchObject({ state: "done", users: 450 });
  expect(await members()).toEqual(userIds);
  expect(await ports.groups.read(groupId)).toMatchObject({ version: version + 1 });
  expect((await ports.groups.read(groupId))?.source?.waiting).toBeUndefined();
});

test.each(["before", "after"] as const)(
  "wherever a process dies, %s a request is carried out, the same call again has all who wait join",
  async (moment) => {
    for (let nth = 1; ; nth += 1) {
      const { userIds, members, adopt, processOn, pass } = await withWaiting(3);
      const isDone = await adopt(processOn(dying(nth, moment))).then(
        () => true,
        () => false,
      );
      pass(61_000);
      expect(await adopt()).toMatchObject({ state: "done" });
      expect(await members()).toEqual(userIds);
      if (isDone) return;
      expect(nth).toBeLessThan(200);
    }
  },
);

test("a group that others keep busy for longer than one change waits is tried again, and the call has not failed", async () => {
  const { ports, call, userIds, members, sourceId } = await withWaiting(20);
  const now = ports.clock.now;
  const freeAt = now() + 8_000;
  const busy: Ports = {
    ...ports,
    groups: {
      ...ports.groups,
      async change(...change) {
        if (now() < freeAt) throw new Failure("attempt-in-progress", "The group is changing.");
        return ports.groups.change(...change);
      },
    },
  };
  const ask = (sendUntil: number) =>
    adoptObjects({ ports: busy, call: { ...call, sendUntil } }, sourceId, { all: true });
  // No time for all: the same call again goes on.
  expect(await ask(now() + 2_000)).toMatchObject({ state: "pending", users: 20 });
  expect(await ask(now() + 60_000)).toMatchObject({ state: "done", users: 0 });
  expect(await members()).toEqual(userIds);
});
