import { expect, test } from "vitest";
import type { Guard } from "../../../shared/model/integration.ts";
import type { UserLink } from "../../../shared/model/link.ts";
import { reserveLosses } from "../../../shared/provisioning/guard/reserve-losses.ts";
import type { IntegrationContext } from "../../../shared/provisioning/ports/ports.ts";
import { emptyMemory, openStores } from "../../memory/memory.ts";
import { makeIntegration } from "../../stores/samples.ts";

const minuteMs = 60_000;

/** An integration with so many open accounts, and as many closed ones; `pass` lets minutes go by. */
const given = ({ open = 0, guard = {} }: { open?: number; guard?: Partial<Guard> } = {}) => {
  const memory = emptyMemory();
  for (let at = 0; at < 2 * open; at += 1) {
    const id = `user-${at}`;
    memory.userLinks.set(`${id}#int`, {
      integrationId: "int",
      id,
      rev: 1,
      assignment: { direct: true, groups: [], excluded: false },
      observed: { attempts: 1, remoteId: `r-${at}`, pushed: { active: at < open } },
    } as UserLink);
  }
  let now = Date.UTC(2026, 0, 1);
  const requests: string[] = [];
  const request = async <T>(what: string, apply: () => T): Promise<T> => {
    await Promise.resolve();
    requests.push(what);
    return apply();
  };
  const clock = { now: () => now, sleep: async () => undefined };
  const ports = { ...openStores(memory, request, clock.now), clock, random: Math.random };
  const policies = { onUserUnassigned: "deprovision", onUserDeleted: "delete", guard } as const;
  const context = { ports, integration: makeIntegration({ integrationId: "int", policies }) };
  const losses = { accounts: [] as string[], groupOnly: [] as string[] };
  return {
    requests,
    reserve: (some: Partial<typeof losses>) =>
      reserveLosses(context as unknown as IntegrationContext, { ...losses, ...some }),
    pass: (minutes: number) => {
      now += minutes * minuteMs;
    },
  };
};

/** So many people; another `from` gives others. */
const people = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, at) => `person-${from + at}`);

test.each([
  [0, 10, 20],
  [100, 10, 20],
  [105, 10, 21],
  [300, 30, 60],
  [500, 50, 100],
  [2_000, 50, 100],
])(
  "of %i open accounts %i may go, or %i people lose a group, and no one more",
  async (open, accounts, groups) => {
    expect(await given({ open }).reserve({ accounts: people(accounts) })).toBe(true);
    expect(await given({ open }).reserve({ accounts: people(accounts + 1) })).toBe(false);
    expect(await given({ open }).reserve({ groupOnly: people(groups) })).toBe(true);
    expect(await given({ open }).reserve({ groupOnly: people(groups + 1) })).toBe(false);
  },
);

test.each([
  [{ users: 0, most: 0 }, 0],
  [{ users: 3, percent: 0 }, 3],
  [{ users: 0, percent: 50 }, 50],
  [{ percent: 100, most: 20 }, 20],
  [{ users: 200, most: 0 }, 200],
])("with limits of %o, of 100 open accounts %i may go", async (guard, free) => {
  expect(await given({ open: 100, guard }).reserve({ accounts: people(free) })).toBe(true);
  expect(await given({ open: 100, guard }).reserve({ accounts: people(free + 1) })).toBe(false);
});

test("acts of an hour are counted together, and what is held takes nothing", async () => {
  const { reserve } = given();
  expect(await reserve({ accounts: people(6) })).toBe(true);
  expect(await reserve({ accounts: people(5, 6) })).toBe(false);
  expect(await reserve({ accounts: people(4, 6) })).toBe(true);
  expect(await reserve({ accounts: ["one more"] })).toBe(false);
  expect(await reserve({ groupOnly: people(20, 50) })).toBe(true);
  expect(await reserve({ groupOnly: ["one more"] })).toBe(false);
});

test("who is counted is not counted again: a retry of the same act is free", async () => {
  const { reserve, pass } = given();
  expect(await reserve({ accounts: people(10) })).toBe(true);
  pass(50);
  expect(await reserve({ accounts: people(10) })).toBe(true);
  expect(await reserve({ accounts: people(10), groupOnly: people(20, 10) })).toBe(true);
  expect(await reserve({ groupOnly: people(30) })).toBe(true);
});

test("after a whole hour, and not before, others may go", async () => {
  const { reserve, pass } = given();
  pass(4);
  expect(await reserve({ accounts: people(10) })).toBe(true);
  pass(60);
  expect(await reserve({ accounts: ["one more"] })).toBe(false);
  pass(6);
  expect(await reserve({ accounts: people(10, 10) })).toBe(true);
});

test("nobody is counted, and nothing is read, where nothing is lost", async () => {
  const { reserve, requests } = given();
  expect(await reserve({})).toBe(true);
  expect(requests).toEqual([]);
});

test("open accounts are counted once a minute at most, also where it is not enough", async () => {
  const { reserve, requests, pass } = given({ open: 105 });
  const lists = () => requests.filter((what) => what.startsWith("list")).length;
  for (const _ of people(4)) expect(await reserve({ accounts: people(11) })).toBe(false);
  expect(lists()).toBe(1);
  pass(1);
  expect(await reserve({ accounts: people(11) })).toBe(false);
  expect(lists()).toBe(2);
});

test("of forty at once just as many go as are free", async () => {
  const { reserve } = given();
  const gone = await Promise.all(people(40).map((person) => reserve({ accounts: [person] })));
  expect(gone.filter(Boolean)).toHaveLength(10);
});
