import { expect, test } from "vitest";
import { saveUser } from "../../../shared/directory/save-user.ts";
import { unlockUser } from "../../../shared/provisioning/calls/lock-user.ts";
import { provisionUser } from "../../../shared/provisioning/calls/provision-user.ts";
import { type Seen, seenThere, wantedThere, withOpenMembers, withoutEmptied } from "./compare.ts";
import { operate, type Wanted } from "./operations.ts";
import { openTwoServices, type TwoServices } from "./two-services.ts";

const operations = 1_000;
/** What changed without a call is carried out so often. */
const settleEach = 50;
/** Another one is tried with CHAINED_SEED=NUMBER. */
const seed = Number(process.env.CHAINED_SEED ?? 1);

test(`after ${operations} random operations a directory and the one it provisions into by SCIM are equal`, {
  timeout: 120_000,
}, async () => {
  const services = await openTwoServices(seed);
  const { other, settle } = services;
  const wanted: Wanted = { users: new Map(), groups: new Map() };
  const story: string[] = [];
  const compare = async (part: (seen: Seen) => unknown = (seen) => seen) => {
    const there = wantedThere(wanted);
    const both = withOpenMembers(there, withoutEmptied(there, await seenThere(services)));
    expect(part(both.seen)).toEqual(part(both.wanted));
  };
  for (let nth = 1; nth <= operations; nth += 1) {
    try {
      story.push(await operate(services, wanted, nth));
      if (nth % settleEach > 0) continue;
      await settle();
      await compare(withoutManagers);
    } catch (cause) {
      throw new Error(`seed ${seed}, operation ${nth}, after:\n${story.slice(-60).join("\n")}`, { cause });
    }
  }
  await sendAll(services, wanted);
  await compare();

  // With everybody let in again, nothing at all differs.
  await letAllIn(services, wanted);
  const there = wantedThere(wanted);
  const seen = withoutEmptied(there, await seenThere(services));
  // A group is not made as long as it has nobody.
  const made = Object.entries(there.groups).filter(
    ([id, { members }]) => members.length > 0 || seen.groups[id],
  );
  expect(seen).toEqual({ ...there, groups: Object.fromEntries(made) });
  expect(Object.keys(there.users).length).toBeGreaterThan(10);
  expect(Object.values(there.groups).some(({ members }) => members.length > 1)).toBe(true);

  // Nobody is left behind either: all who are there are those that the first one knows of.
  const { items } = await other.ports.users.list({ limit: 1_000 });
  expect(items.map(({ userId }) => userId).toSorted()).toEqual(
    (await other.savedUsers()).map(({ userId }) => userId).toSorted(),
  );
  expect(services.refused).toEqual([]);
});

/** A manager whose account comes later goes out with the next call alone. */
const withoutManagers = ({ users, groups }: Seen) => ({
  groups,
  users: Object.fromEntries(Object.entries(users).map(([id, user]) => [id, { ...user, manager: undefined }])),
});

/** Twice, since a manager's account may come with the first. */
const sendAll = async ({ ports, aCall, integrationId, settle }: TwoServices, { users }: Wanted) => {
  for (const [userId, { isHeld }] of [...users, ...users])
    if (isHeld) await provisionUser(ports, aCall(), { integrationId, userId });
  await settle();
};

const letAllIn = async (services: TwoServices, wanted: Wanted) => {
  const { ports, aCall } = services;
  for (const [userId, user] of wanted.users) {
    const { suspended: _, ...active } = user.body;
    wanted.users.set(userId, { ...user, body: active, isLocked: false });
    await saveUser({ ports, call: aCall() }, userId, active);
    await unlockUser(ports, aCall(), userId);
  }
  await sendAll(services, wanted);
};
