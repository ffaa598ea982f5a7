import { expect, test } from "vitest";
import { recoverAttempts } from "../../../shared/provisioning/calls/recover-attempts.ts";
import { admitRemovals } from "../../../shared/provisioning/holds/admit-removals.ts";
import { decideHold } from "../../../shared/provisioning/holds/decide-hold.ts";
import { givenAccounts } from "./support.ts";

/** A hold of eleven people. */
const given = async () => {
  const all = givenAccounts(11);
  const removals = { accounts: all.people, groups: [] };
  const admit = () => admitRemovals(all.contextOf("ada", "act-1"), removals);
  const holdId = (await admit())[0]?.holdId ?? "";
  const decide = (verdict: "approved" | "rejected", count = 11, userIds?: string[]) =>
    decideHold(
      { ports: all.ports, call: all.callOf("eve", "decision") },
      { integrationId: "int", holdId },
      verdict,
      {
        count,
        ...(userIds && { userIds }),
      },
    );
  const recover = () => recoverAttempts(all.ports, { until: all.ports.clock.now() + 60_000 });
  return { ...all, admit, decide, recover };
};

test("what is approved goes, is due before all else, and wakes its worker", async () => {
  const { admit, decide, workOf, woken, ports } = await given();
  expect(await decide("approved")).toMatchObject({ state: "approved", count: 11 });
  expect(await admit()).toEqual([]);
  expect(workOf("user-3")).toMatchObject({ state: "pending", urgency: 0, at: ports.clock.now() });
  expect(woken).toEqual(["int"]);
});

test("what is rejected stays, and nothing is due", async () => {
  const { admit, decide, workOf, woken } = await given();
  expect(await decide("rejected")).toMatchObject({ state: "rejected", count: 11 });
  expect(await admit()).toHaveLength(11);
  expect([workOf("user-3")?.state, woken]).toEqual(["held", []]);
});

test("of two decisions at once one is made", async () => {
  const { decide, events } = await given();
  const made = await Promise.allSettled([decide("approved"), decide("rejected")]);
  expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(events()).toHaveLength(1);
});

test.each([
  ["before it was recorded", "write event", { success: true }, "approved"],
  ["before it took effect", "put items into", { success: false }, "open"],
])(
  "a decision that is cut off %s is settled by recovery, with one event",
  async (_, failing, event, state) => {
    const { decide, recover, events, holds, people, workOf, ...all } = await given();
    all.state.failing = failing;
    await expect(decide("approved")).rejects.toMatchObject({ code: expect.stringMatching(/-unavailable$/) });
    expect(events()).toEqual([]);
    all.state.failing = "";
    all.pass(60_000);
    expect(await recover()).toEqual({ settled: 1, failures: [] });
    expect(events()).toMatchObject([{ event_type: "idm_integration_hold_approved", ...event }]);
    expect(await holds()).toMatchObject([{ state, count: 11 }]);
    expect((await holds())[0]?.attempt).toBeUndefined();
    expect(workOf(people[0] ?? "")?.state).toBe(state === "approved" ? "pending" : "held");
  },
);

test("a decision that is under way keeps others out, and one that was cut off is finished by the next", async () => {
  const { decide, events, holds, ...all } = await given();
  all.state.failing = "write event";
  await expect(decide("approved", 3, ["user-0", "user-1", "user-2"])).rejects.toThrow();
  all.state.failing = "";
  expect(await decide("rejected", 8)).toMatchObject({ state: "rejected", count: 11 });
  expect(events().map(({ event_type, success }) => [event_type, success])).toEqual([
    ["idm_integration_hold_approved", true],
    ["idm_integration_hold_rejected", true],
  ]);
  expect(await holds()).toHaveLength(1);
});

test("what joins while a decision is under way waits for the next one", async () => {
  const { decide, holds, contextOf, ports } = await given();
  const put = ports.holds.put;
  ports.holds.put = async (key, items) => {
    ports.holds.put = put;
    await put(key, items);
    await admitRemovals(contextOf("ada", "act-1"), { accounts: ["late"], groups: [] });
  };
  expect(await decide("approved")).toMatchObject({ state: "open", count: 1 });
  expect(await holds()).toMatchObject([{ state: "open", count: 1 }]);
});
