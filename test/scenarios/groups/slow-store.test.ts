import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { givenQuirky } from "../../support/quirks.ts";
import { type Answer, eventsOf, everyEventOf, givenSaved, newId, useUsher } from "../../support/steps.ts";

/** How long a request to the store takes, and the write of a group's member; how many members were written. */
const slow = vi.hoisted(() => ({ ms: 0, memberMs: 0, written: 0 }));
vi.mock("../../../infra/local/in-process/commands.ts", async (original) => {
  const { answerInProcess } = await original<typeof import("../../../infra/local/in-process/commands.ts")>();
  const answerSlowly: typeof answerInProcess = (client, call) =>
    answerInProcess(client, async (operation, input) => {
      const { Item } = input as { Item?: { sk?: { S?: string } } };
      const isMember = operation === "PutItem" && Item?.sk?.S?.startsWith("MEMBER#") === true;
      const ms = isMember ? slow.memberMs : slow.ms;
      if (ms > 0) await sleep(ms);
      if (isMember) slow.written += 1;
      return call(operation, input);
    });
  return { answerInProcess: answerSlowly };
});

const usher = useUsher();

const given = async (count: number) => {
  Object.assign(slow, { ms: 0, memberMs: 0, written: 0 });
  const { provider, integration } = await givenQuirky(usher, {});
  const members = await givenSaved(usher, count);
  const groupId = newId("group");
  return { provider, integration, members, groupId, path: `${integration.path}/groups/${groupId}` };
};

/** The same call, until it is done: the answers, each told. */
const untilDone = async (call: () => Promise<Answer>, tell: () => void): Promise<Answer[]> => {
  const answers: Answer[] = [];
  while (answers.length < 12) {
    const answer = await call();
    answers.push(answer);
    tell();
    if (answer.status === 200) return answers;
  }
  throw new Error(`${answers.length} calls were not enough: ${answers.at(-1)?.text}`);
};

test("a group too large for one call at a slow store gets further with each, as one act, and nobody is sent twice", async () => {
  const { provider, members, groupId, path } = await given(32);
  // As 2,000 members at 8 ms.
  slow.ms = 450;
  const there: number[] = [];
  const answers = await untilDone(
    () => usher.call("PUT", path, { name: groupId, members }),
    () =>
      there.push(
        provider.requests.filter(({ method, path: to }) => method === "POST" && to === "/Users").length,
      ),
  );
  slow.ms = 0;
  expect(answers.length).toBeGreaterThan(1);
  expect(answers.length).toBeLessThan(7);
  expect(answers.slice(0, -1).every(({ status }) => status === 202)).toBe(true);
  expect(there.every((count, at) => count > (there[at - 1] ?? 0))).toBe(true);
  expect(there.at(-1)).toBe(32);
  expect((await provider.groups()).map((group) => group.members.length)).toEqual([32]);

  const correlations = new Set(answers.map(({ headers }) => headers.get("x-correlation-id")));
  expect(correlations.size).toBe(1);
  const events = await eventsOf(usher, `correlationId=${[...correlations][0]}`);
  const told = answers.flatMap(({ body }) => body.eventIds);
  expect(events.map(({ id }) => id).toSorted()).toEqual(told.toSorted());
  // An attempt that had asked for the account as the time ended is on record as a failed one.
  const made = events.filter(({ event_type, success }) => success && event_type === "user_create_provision");
  expect(made).toHaveLength(32);
  const added = events.flatMap(({ members_added }) => (members_added ?? []) as string[]);
  expect(added.toSorted()).toEqual(members.toSorted());
});

test("a bind whose members take longer to save than a call is answered 202, and saved and bound by itself, as one act", async () => {
  const { provider, integration, members, groupId, path } = await given(130);
  // As 5,000 members at 150 ms.
  slow.memberMs = 6_000;
  const began = Date.now();
  const first = await usher.call("PUT", path, { name: groupId, members });
  expect(Date.now() - began).toBeLessThan(25_000);
  expect(first).toMatchObject({ status: 202, body: { groupId, state: "pending", eventIds: [] } });
  expect(first.body.reason).toContain("goes on by itself");
  expect(Number(first.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(slow.written).toBeLessThan(130);
  expect((await provider.groups()).length).toBe(0);
  const state = async () => (await usher.call("GET", path)).body.state;
  for (let waited = 0; waited < 60 && (await state()) !== "in_sync"; waited += 1) await sleep(5_000);
  expect(await state()).toBe("in_sync");
  // What was under way as the time ended may be written again; nothing begins from zero.
  expect(slow.written).toBeLessThan(130 + 64);
  expect((await provider.groups()).map((group) => group.members.length)).toEqual([130]);
  const correlationId = first.headers.get("x-correlation-id");
  const events = await everyEventOf(usher, `integrationId=${integration.integrationId}`);
  const ofAct = events.filter(({ event_type }) => /^(user|group)_/.test(String(event_type)));
  expect(new Set(ofAct.map(({ correlation }) => (correlation as { id: string }).id))).toEqual(
    new Set([correlationId]),
  );
  const [saved] = await everyEventOf(usher, `eventType=group_create&groupId=${groupId}`);
  expect(saved?.correlation).toMatchObject({ id: correlationId });
});

test("POST and PUT of a group of the directory answer 202 with how far they have come, and tell of the act", async () => {
  const { members, groupId } = await given(130);
  slow.memberMs = 6_000;
  const first = await usher.call("PUT", `/groups/${groupId}`, { name: groupId, members });
  expect(first).toMatchObject({ status: 202, body: { version: 0, saving: { done: 0, total: 130 } } });
  const again = await usher.call("PUT", `/groups/${groupId}`, { name: groupId, members });
  expect(again.headers.get("x-correlation-id")).toBe(first.headers.get("x-correlation-id"));
  for (let waited = 0; waited < 30; waited += 1) {
    await sleep(5_000);
    if ((await usher.call("GET", `/groups/${groupId}`)).status === 200) break;
  }
  const saved = (await usher.call("GET", `/groups/${groupId}`)).body;
  expect(saved).toMatchObject({ memberCount: 130 });
  expect(saved.saving).toBeUndefined();
});
