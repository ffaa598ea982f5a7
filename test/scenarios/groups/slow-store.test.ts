import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { givenQuirky } from "../../support/quirks.ts";
import { type Answer, eventsOf, givenSaved, newId, useUsher } from "../../support/steps.ts";

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
  return { provider, members, groupId, path: `${integration.path}/groups/${groupId}` };
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

test("a change too large to be saved in one call at a slow store is saved by the same call again, and written once", async () => {
  const { members, groupId, path } = await given(130);
  // As 5,000 members at 150 ms.
  slow.memberMs = 6_000;
  const written: number[] = [];
  const answers = await untilDone(
    () => usher.call("PUT", path, { name: groupId, members }),
    () => written.push(slow.written),
  );
  expect(answers[0]).toMatchObject({ status: 503, body: { code: "store-unavailable" } });
  expect(answers[0]?.body.detail).toContain("the same call again goes on from there");
  expect(written[0]).toBeGreaterThan(0);
  expect(written.filter((count) => count < 130).length).toBeLessThan(3);
  expect(written.at(-1)).toBe(130);
  const [group] = await eventsOf(usher, `groupId=${groupId}`);
  expect(group?.correlation).toMatchObject({ id: answers[0]?.headers.get("x-correlation-id") });
});
