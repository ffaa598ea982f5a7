import { describe, expect, test } from "vitest";
import { type Request, unavailable } from "../../memory/request.ts";
import { givenWatch, minuteMs } from "./given-watch.ts";

/** Counts requests from 1, and lets `fails` decide of each, before or after it was applied. */
const faulty = (fails: (nth: number, what: string) => boolean, moment: "before" | "after" = "before") => {
  let count = 0;
  const request: Request = async (what, apply) => {
    count += 1;
    const isFailing = fails(count, what);
    if (isFailing && moment === "before") throw unavailable();
    const applied = apply();
    if (isFailing) throw unavailable();
    return applied;
  };
  return { request, count: () => count };
};
/** Lets others go on between any two requests. */
const slowly: Request = async (_, apply) => {
  await new Promise((go) => setImmediate(go));
  return apply();
};
const ids = ["ada", "bob", "eve"];

/** Three open concerns, one of them open access, that nobody was told of. */
const givenThree = async () => {
  const given = givenWatch({ channels: ["topic", "webhook"] });
  await given.leaver("ada");
  await given.failed("bob");
  await given.failed("eve");
  return given;
};
const requestsOfARun = async () => {
  const { request, count } = faulty(() => false);
  await (await givenThree()).run(request);
  return count();
};

test("a run asks the stores often enough that the next tests say something", async () => {
  expect(await requestsOfARun()).toBeGreaterThan(20);
});

for (const moment of ["before", "after"] as const)
  for (const [what, goesOn] of [
    ["fails once", (nth: number, at: number) => nth === at],
    ["is out of reach for a run that is stopped there", (nth: number, at: number) => nth >= at],
  ] as const)
    test(`where a store ${what}, ${moment} any request, all are told, at most one message twice`, async () => {
      for (let at = 1; at <= (await requestsOfARun()); at += 1) {
        const given = await givenThree();
        await given.run(faulty((nth) => goesOn(nth, at), moment).request);
        given.pass(minuteMs);
        expect((await given.run()).failures, `request ${at}`).toEqual([]);
        given.pass(minuteMs);
        await given.run();
        for (const { told } of Object.values(given.channels)) {
          expect([...new Set(told.flatMap((notice) => notice.ids))].toSorted(), `request ${at}`).toEqual(ids);
          expect(told.length, `request ${at}`).toBeLessThanOrEqual(ids.length + 1);
        }
        for (const id of ids) given.over(id);
        await given.run(faulty((nth) => goesOn(nth, at), moment).request);
        for (const _ of [1, 2, 3]) {
          given.pass(minuteMs);
          await given.run();
        }
        for (const { told } of Object.values(given.channels)) {
          const closed = told.filter(({ status }) => status === "closed");
          expect([...new Set(closed.flatMap((notice) => notice.ids))].toSorted(), `request ${at}`).toEqual(
            ids,
          );
          expect(closed.length, `request ${at}`).toBeLessThanOrEqual(ids.length + 1);
        }
        expect([...given.items.keys()], `request ${at}`).toEqual(["head"]);
      }
    });

test("a store that takes no note of what was told does not make a flood", async () => {
  const given = await givenThree();
  const { request } = faulty((_, what) => what === "save page of notices");
  for (let minute = 0; minute < 10; minute += 1) {
    await given.run(request);
    given.pass(minuteMs);
  }
  expect(given.webhook.told.length).toBeLessThanOrEqual(30);
});

test("what cannot be looked at has no figure, and keeps nothing else from being recorded and told", async () => {
  const given = await givenThree();
  const { level, failures } = await given.run(faulty((_, what) => what.includes("hold")).request);
  expect(failures).toHaveLength(1);
  expect([level("HoldsWaiting"), level("AccessOpen"), level("NeedsReauth")]).toEqual([undefined, 1, 0]);
  expect(given.webhook.told.flatMap((notice) => notice.ids).toSorted()).toEqual(ids);
});

test("what could not be looked at is not told to be over", async () => {
  const given = await givenThree();
  await given.run();
  for (let minute = 0; minute < 3; minute += 1) {
    given.pass(minuteMs);
    await given.run(faulty((_, what) => what.includes("failed work")).request);
  }
  expect(given.webhook.told.filter(({ status }) => status === "closed")).toEqual([]);
});

test("two runs at once tell each thing once", async () => {
  const given = await givenThree();
  await Promise.all([given.run(slowly), given.run(slowly), given.run(slowly)]);
  for (const { told } of Object.values(given.channels))
    expect(told.flatMap((notice) => notice.ids).toSorted()).toEqual(ids);
  given.pass(minuteMs);
  await Promise.all([given.run(slowly), given.run(slowly)]);
  expect(given.webhook.told).toHaveLength(3);
});

test("a run that another has overtaken while it was sending stops", async () => {
  const given = await givenThree();
  let isFirst = true;
  given.webhook.onSend = async () => {
    if (!isFirst) return;
    isFirst = false;
    given.pass(minuteMs);
    given.webhook.onSend = async () => {};
    expect((await given.run()).failures).toEqual([]);
  };
  const { failures } = await given.run();
  expect(failures).toMatchObject([{ message: expect.stringContaining("Another run") }]);
  const told = given.webhook.told.flatMap((notice) => notice.ids);
  expect([...new Set(told)].toSorted()).toEqual(ids);
  expect(told.length).toBeLessThanOrEqual(ids.length + 1);
});

describe("a webhook that fails", () => {
  const broken = { error: new Error("The webhook answered 503."), isTaken: false };

  test("keeps neither the topic nor the figures back, is a failure of the run, and is told once it is back", async () => {
    const given = await givenThree();
    given.webhook.failure = broken;
    const { failures, level } = await given.run();
    expect(failures).toMatchObject([{ message: "The webhook did not take a message.", cause: broken.error }]);
    expect(level("AccessOpen")).toBe(1);
    expect(given.channels.topic.told).toHaveLength(3);
    given.over("bob");
    given.pass(minuteMs);
    given.webhook.failure = undefined;
    expect((await given.run()).failures).toEqual([]);
    given.pass(minuteMs);
    await given.run();
    expect(given.webhook.told.map((notice) => notice.ids)).toEqual([["ada"], ["eve"]]);
    expect(given.channels.topic.told).toHaveLength(4);
  });

  test("is tried again after 10 s, twice as long each time, at least each five minutes", async () => {
    const given = givenWatch();
    await given.leaver("ada");
    let tries = 0;
    given.webhook.failure = broken;
    given.webhook.onSend = async () => {
      tries += 1;
    };
    const begin = given.now();
    const at: number[] = [];
    for (let seconds = 0; seconds <= 20 * 60; seconds += 10) {
      const before = tries;
      await given.run();
      if (tries > before) at.push((given.now() - begin) / 1000);
      given.pass(10_000);
    }
    expect(at).toEqual([0, 10, 30, 70, 150, 310, 610, 910]);
  });

  test("gets no flood once it is back after hours", async () => {
    const given = givenWatch();
    given.webhook.failure = broken;
    for (let at = 0; at < 100; at += 1) {
      await given.failed(`user-${at}`);
      await given.run();
      given.pass(2 * minuteMs);
    }
    given.webhook.failure = undefined;
    given.pass(5 * minuteMs);
    await given.run();
    expect(given.webhook.told).toHaveLength(11);
    expect(given.webhook.told.at(-1)?.counts).toMatchObject([{ count: 90 }]);
  });

  test("and stays away for a day is not told any more of what is over, and nothing is kept for it", async () => {
    const given = givenWatch();
    await given.failed("ada");
    await given.run();
    given.webhook.failure = broken;
    given.over("ada");
    for (let hour = 0; hour <= 25; hour += 1) {
      await given.run();
      given.pass(60 * minuteMs);
    }
    given.webhook.failure = undefined;
    await given.run();
    expect(given.webhook.told).toMatchObject([{ status: "opened" }]);
    expect([...given.items.keys()]).toEqual(["head"]);
  });

  test("after it has taken a message is told of it again", async () => {
    const given = givenWatch();
    await given.failed("ada");
    given.webhook.failure = { ...broken, isTaken: true };
    await given.run();
    given.pass(minuteMs);
    given.webhook.failure = undefined;
    await given.run();
    given.pass(minuteMs);
    await given.run();
    expect(given.webhook.told.map((notice) => notice.ids)).toEqual([["ada"], ["ada"]]);
  });
});

describe("10,000 of a kind", () => {
  const givenMany = async (count: number) => {
    const given = givenWatch();
    for (let at = 0; at < count; at += 1) await given.failed(`user-${at}`);
    return given;
  };
  const counting = () => {
    const asked: string[] = [];
    const request: Request = async (what, apply) => {
      asked.push(what);
      return apply();
    };
    return { request, saves: () => asked.filter((what) => what.startsWith("save")).length };
  };

  test("are told in eleven messages and kept in few writes, and cost none afterwards", async () => {
    const given = await givenMany(9_000);
    const first = counting();
    const began = performance.now();
    await given.run(first.request);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(given.webhook.told).toHaveLength(11);
    expect(given.webhook.told.at(-1)?.counts).toMatchObject([{ count: 8_990 }]);
    expect(given.webhook.told.at(-1)?.ids).toHaveLength(100);
    expect(first.saves()).toBeLessThan(40);
    given.pass(minuteMs);
    const second = counting();
    await given.run(second.request);
    expect(second.saves()).toBe(0);
    expect(given.webhook.told).toHaveLength(11);
  });

  test("that become more than can be told apart, and fewer again, are told neither anew nor to be over", async () => {
    const given = await givenMany(9_995);
    await given.run();
    for (let at = 9_995; at < 10_005; at += 1) await given.failed(`user-${at}`);
    given.pass(6 * minuteMs);
    await given.run();
    expect(given.webhook.told.slice(11)).toMatchObject([{ status: "opened", ids: [] }]);
    expect(given.webhook.told.at(-1)?.text).toContain("10000 users and groups or more");
    for (let at = 0; at < 10; at += 1) given.over(`user-${at}`);
    given.pass(6 * minuteMs);
    await given.run();
    given.pass(6 * minuteMs);
    await given.run();
    const later = given.webhook.told.slice(12);
    expect(later.every(({ status }) => status === "closed")).toBe(true);
    expect(later.flatMap((notice) => notice.ids).toSorted()).toEqual(
      Array.from({ length: 10 }, (_, at) => `user-${at}`),
    );
  });
});
