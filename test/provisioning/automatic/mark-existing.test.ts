import { beforeEach, expect, test } from "vitest";
import { markExisting } from "../../../shared/provisioning/automatic/mark-existing.ts";
import type { Ports } from "../../../shared/provisioning/ports/ports.ts";
import { profileOf } from "../../../shared/scim/profiles/effective-profile.ts";
import { emptyMemory, type Memory, openStores } from "../../memory/memory.ts";
import { makeAttempt, makeIntegration, makeUser } from "../../stores/samples.ts";

let memory: Memory;
let clock = 0;
/** Told of each request to a store; throws where it is to fail. */
let watch = (_what: string): void => {};
let ports: Ports;
const begun = Date.parse("2026-11-27T09:00:00Z");
const until = () => clock + 10_000;

beforeEach(() => {
  memory = emptyMemory();
  clock = begun;
  watch = () => {};
  const request = async <T>(what: string, apply: () => T) => {
    watch(what);
    return apply();
  };
  ports = {
    ...openStores(memory, request, () => clock),
    clock: { now: () => clock, sleep: async () => {} },
    profileOf,
    random: () => 0.5,
  } as unknown as Ports;
});

const givenIntegrations = async (...ids: string[]) => {
  for (const integrationId of ids) {
    const proposed = makeIntegration({ integrationId });
    const attempt = { ...makeAttempt(clock, integrationId), proposed };
    await ports.integrations.begin(integrationId, 0, attempt);
    await ports.integrations.settle(integrationId, attempt, proposed);
  }
};
/** Users who are wanted and were never provisioned, without a mark; every tenth is not wanted. */
const givenUnmarked = async (integrationId: string, count: number) => {
  for (let nth = 0; nth < count; nth += 1) {
    const id = `user-${String(nth).padStart(4, "0")}`;
    if (!memory.users.has(id)) await ports.users.save(id, 0, makeUser());
    await ports.userLinks.assign({ integrationId, id }, 0, {
      direct: nth % 10 > 0,
      groups: [],
      excluded: false,
    });
  }
};
const marked = () => [...memory.userLinks.values()].filter(({ work }) => work);
const job = () => memory.jobs.get("mark-existing-1");

test("links of every integration at which something is to be done get their marks, and no others", async () => {
  await givenIntegrations("int_1", "int_2");
  await givenUnmarked("int_1", 230);
  await givenUnmarked("int_2", 30);
  expect(await markExisting(ports, { until: until() })).toEqual([]);
  expect(marked()).toHaveLength(207 + 27);
  expect(
    marked().every(
      ({ work, assignment }) => work?.state === "pending" && work.at === clock && assignment.direct,
    ),
  ).toBe(true);
});

test("a run that is out of time goes on behind the page that it finished, until all is marked", async () => {
  await givenIntegrations("int_1", "int_2");
  await givenUnmarked("int_1", 230);
  await givenUnmarked("int_2", 130);
  let lists = 0;
  watch = (what) => {
    if (what.startsWith("list") && what.endsWith("links")) {
      lists += 1;
      clock += 60_000;
    }
  };
  const counts: number[] = [];
  for (let runs = 0; runs < 12 && job()?.passes !== 1; runs += 1) {
    await markExisting(ports, { until: until() });
    counts.push(marked().length);
  }
  expect(job()).toMatchObject({ passes: 1 });
  expect(counts.slice(0, 3)).toEqual([90, 180, 207]);
  expect(counts.at(-1)).toBe(207 + 117);
  // Three pages of users and one of groups, then two and one; none of them twice.
  expect(lists).toBe(7);
});

test("a second pass, once every Lambda of the release before has ended, finds what they have left", async () => {
  await givenIntegrations("int_1");
  await markExisting(ports, { until: until() });
  await givenUnmarked("int_1", 5);
  await markExisting(ports, { until: until() });
  expect(marked()).toHaveLength(0);
  clock += 15 * 60_000;
  await markExisting(ports, { until: until() });
  expect(marked()).toHaveLength(4);
  expect(job()?.doneAt).toBe("2026-11-27T09:15:00.000Z");
});

test("once it is done it reads its own state and nothing else", async () => {
  await givenIntegrations("int_1");
  await markExisting(ports, { until: until() });
  clock += 15 * 60_000;
  await markExisting(ports, { until: until() });
  const requests: string[] = [];
  watch = (what) => void requests.push(what);
  clock += 60_000;
  await markExisting(ports, { until: until() });
  expect(requests).toEqual(["read job mark-existing-1"]);
});

test("one link that fails is told, keeps nobody else from being marked, and is looked at by another pass", async () => {
  await givenIntegrations("int_1");
  await givenUnmarked("int_1", 120);
  watch = (what) => {
    if (what === "read user user-0003") throw new Error("Out of order.");
  };
  expect(await markExisting(ports, { until: until() })).toEqual([new Error("Out of order.")]);
  expect(marked()).toHaveLength(107);
  watch = () => {};
  expect(await markExisting(ports, { until: until() })).toEqual([]);
  expect(marked()).toHaveLength(108);
  expect(job()).toMatchObject({ passes: 1 });
});

test("a mark that is there stays as it is", async () => {
  await givenIntegrations("int_1");
  await givenUnmarked("int_1", 2);
  const mark = { state: "failed", urgency: 1, at: begun + 1, since: begun, setAt: begun } as const;
  const link = await ports.userLinks.read({ integrationId: "int_1", id: "user-0001" });
  await ports.userLinks.schedule({ integrationId: "int_1", id: "user-0001" }, link?.rev ?? 0, mark);
  await markExisting(ports, { until: until() });
  expect(marked().map(({ work }) => work)).toEqual([mark]);
});
