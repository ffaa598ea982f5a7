import { expect, test } from "vitest";
import { attentionKinds } from "../../../shared/model/attention.ts";
import { givenWatch, minuteMs, start } from "./given-watch.ts";

const iso = (ms: number) => new Date(ms).toISOString();
const prod = { application: { name: "strongDM", displayLabel: "strongDM prod" } };
const cause = { initiatedBy: { type: "admin", id: "admin-1" }, correlationId: "c1" };

test("where nothing is wrong every level is 0, over all and at each integration, and nothing is written or told", async () => {
  const { run, items, webhook } = givenWatch({ integrations: [{}, { integrationId: "other" }] });
  const { measures, failures } = await run();
  const byIntegration = (metric: string) =>
    [undefined, "int", "other"].map((of) => ({ metric, value: 0, ...(of && { of }) }));
  const plain = ["NeedsReauth", "HoldsWaiting", "CredentialsExpiring"].map((metric) => ({
    metric,
    value: 0,
  }));
  expect(failures).toEqual([]);
  expect(measures).toHaveLength(12);
  expect(measures).toEqual(
    expect.arrayContaining([...["AccessOpen", "OldestDue", "Quarantined"].flatMap(byIntegration), ...plain]),
  );
  expect(items.size).toBe(0);
  expect(webhook.told).toEqual([]);
});

test("levels count what GET /attention lists, and tell for how long the oldest work has been due", async () => {
  const given = givenWatch({ channels: [], integrations: [prod, { integrationId: "other" }] });
  await given.leaver("ada");
  await given.leaver("in-time", { state: "retrying" });
  await given.leaver("bob", { state: "held" }, "other");
  given.setIntegration({ status: "needs_reauth" });
  given.setIntegration(
    { standing: { rev: 1, quarantine: { since: iso(start), reason: "503" } as never } },
    "other",
  );
  await given.stores.holds.create({
    holdId: "hold-1",
    integrationId: "other",
    state: "open",
    count: 12,
    since: iso(start),
    cause,
    rev: 1,
    acts: [],
  });
  given.pass(90_000);
  const { level } = await given.run();
  expect([level("AccessOpen"), level("AccessOpen", "int"), level("AccessOpen", "other")]).toEqual([2, 1, 1]);
  expect([level("OldestDue"), level("OldestDue", "int"), level("OldestDue", "other")]).toEqual([90, 90, 0]);
  expect([level("Quarantined"), level("Quarantined", "int"), level("Quarantined", "other")]).toEqual([
    1, 0, 1,
  ]);
  expect([level("NeedsReauth"), level("HoldsWaiting"), level("CredentialsExpiring")]).toEqual([1, 1, 0]);
  expect(level("NeedsReauth", "int")).toBeUndefined();
});

test("nothing is due at an integration that a call has paused, and open access is open there all the same", async () => {
  const { run, leaver, pass } = givenWatch({ integrations: [{ pausedAt: iso(start) }] });
  await leaver("ada", { state: "pending" });
  pass(6 * minuteMs);
  const { level } = await run();
  expect(level("OldestDue")).toBe(0);
  expect(level("AccessOpen")).toBe(1);
});

test("open access is told once its time is over, with who it is as an id alone, and told again when it is over", async () => {
  const { run, leaver, over, pass, webhook, now } = givenWatch({ integrations: [prod] });
  await leaver("ada@example.com", { state: "retrying", at: start + 60 * minuteMs });
  pass(5 * minuteMs - 1);
  await run();
  expect(webhook.told).toEqual([]);
  pass(1);
  await run();
  expect(webhook.told).toEqual([
    {
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: "opened",
      kind: "access-open",
      integrationId: "int",
      label: "strongDM prod",
      ids: ["ada@example.com"],
      since: iso(start),
      text: "Access may still be open at strongDM prod for somebody: its end was asked for at 2026-06-01 12:00 UTC and is not confirmed. GET /attention?kind=access-open&integrationId=int says who and what holds it up; where that cannot wait, end the access at the service provider by hand.",
    },
  ]);
  pass(minuteMs);
  await run();
  expect(webhook.told).toHaveLength(1);

  over("ada@example.com");
  const overAt = now();
  expect((await run()).level("AccessOpen")).toBe(0);
  pass(minuteMs);
  await run();
  expect(webhook.told[1]).toMatchObject({
    status: "closed",
    kind: "access-open",
    ids: ["ada@example.com"],
    since: iso(start),
    text: `Over: access that was to end at strongDM prod is closed, or is wanted again, for somebody (since 2026-06-01 12:00 UTC, seen to be over at ${iso(overAt).slice(0, 16).replace("T", " ")} UTC).`,
  });
  pass(minuteMs);
  await run();
  expect(webhook.told).toHaveLength(2);
});

test("each kind has its text with the label, since when and what to do, and no id of a person", async () => {
  const given = givenWatch({
    integrations: [
      { ...prod, status: "needs_reauth", updatedAt: iso(start - minuteMs) },
      {
        integrationId: "other",
        application: { name: "Wiki <!channel>" },
        standing: { rev: 1, quarantine: { since: iso(start), reason: "503" } as never },
        credentials: { type: "bearer", expiresAt: iso(start + minuteMs) },
      },
    ],
  });
  await given.leaver("ada@example.com");
  await given.failed("bob@example.com");
  await given.failed("eve@example.com", "other", "unconfirmed");
  await given.stores.holds.create({
    holdId: "hold-1",
    integrationId: "other",
    state: "open",
    count: 12,
    since: iso(start),
    cause,
    rev: 1,
    acts: [],
  });
  await given.run();
  const texts = new Map(given.webhook.told.map(({ kind, text }) => [kind, text]));
  expect([...texts.keys()].toSorted()).toEqual([...attentionKinds].toSorted());
  for (const [kind, text] of texts) {
    expect(text, kind).toMatch(/2026-0\d-\d\d \d\d:\d\d UTC/);
    expect(text, kind).toMatch(/strongDM prod|Wiki ‹!channel›/);
    expect(text, kind).toMatch(/(GET|POST) \/|by hand/);
    expect(text, kind).not.toMatch(/@example\.com|Lovelace|undefined/);
  }
  expect(texts.get("held")).toContain("12 people");
  expect(given.webhook.told.find(({ kind }) => kind === "held")).toMatchObject({
    ids: ["hold-1"],
    people: 12,
  });
  expect(given.webhook.told.find(({ kind }) => kind === "needs-reauth")?.ids).toEqual([]);
});

test("a verification that began by itself and failed is told as such, and so is that one has succeeded", async () => {
  const unverified = { syncId: "sync-1", since: start, detail: "The list is unreliable." };
  const given = givenWatch({ integrations: [{ ...prod, standing: { rev: 1, unverified } as never }] });
  await given.run();
  expect(given.webhook.told).toMatchObject([
    {
      kind: "failed",
      status: "opened",
      ids: [],
      text: expect.stringContaining("The verification of strongDM prod that begins by itself has failed"),
    },
  ]);
  given.setIntegration({ standing: { rev: 2 } });
  for (let minutes = 0; minutes < 5; minutes += 1) {
    given.pass(minuteMs);
    await given.run();
  }
  expect(given.webhook.told[1]).toMatchObject({
    status: "closed",
    text: expect.stringContaining("Over: a verification of strongDM prod has succeeded"),
  });
});

test("what is over for one look alone is told to nobody", async () => {
  const { run, failed, over, setWork, pass, webhook, now } = givenWatch();
  await failed("ada");
  await run();
  over("ada");
  pass(10_000);
  await run();
  setWork("ada", { state: "failed", urgency: 1, at: now() + minuteMs, since: now(), setAt: now() });
  pass(10_000);
  await run();
  pass(minuteMs);
  await run();
  expect(webhook.told).toMatchObject([{ status: "opened" }]);
});

test("from the eleventh in five minutes on they go together, once a minute, with counts, and none is lost", async () => {
  const { run, failed, leaver, over, pass, webhook } = givenWatch({
    integrations: [prod, { integrationId: "other", application: { name: "Wiki" } }],
  });
  const ids = Array.from({ length: 15 }, (_, at) => `user-${at}`);
  for (const id of ids) await failed(id);
  for (const id of ["x", "y"]) await failed(id, "other");
  await run();
  expect(webhook.told).toHaveLength(11);
  const [last] = webhook.told.slice(-1);
  expect(last).toMatchObject({ status: "opened", kind: "failed", counts: [{ count: 5 }, { count: 2 }] });
  expect(last).not.toHaveProperty("integrationId");
  expect(last?.text).toContain("New: 5 failed at strongDM prod, 2 failed at Wiki.");
  expect(webhook.told.flatMap((notice) => notice.ids).toSorted()).toEqual([...ids, "x", "y"].toSorted());

  // Open access goes first and apart, whatever else there is to tell.
  await failed("z");
  await leaver("ada");
  pass(10_000);
  await run();
  expect(webhook.told).toHaveLength(11);
  pass(50_000);
  await run();
  expect(webhook.told.slice(11)).toMatchObject([
    { kind: "access-open", ids: ["ada"] },
    { kind: "failed", ids: ["z"] },
  ]);

  for (const id of ids) over(id);
  pass(5 * minuteMs);
  await run();
  pass(minuteMs);
  await run();
  const closed = webhook.told.slice(13);
  expect(closed).toHaveLength(11);
  expect(closed.every(({ status }) => status === "closed")).toBe(true);
  expect(closed.flatMap((notice) => notice.ids).toSorted()).toEqual(ids.toSorted());
});

test("a channel that is set up later is told what is open then, and of nothing else", async () => {
  const given = givenWatch({ channels: ["topic", "webhook"] });
  const { webhook, topic } = given.channels;
  Reflect.deleteProperty(given.channels, "webhook");
  await given.failed("ada");
  await given.failed("bob");
  await given.run();
  given.over("bob");
  await given.run();
  expect(topic.told).toHaveLength(2);
  Object.assign(given.channels, { webhook });
  given.pass(minuteMs);
  await given.run();
  expect(webhook.told).toMatchObject([{ status: "opened", ids: ["ada"] }]);
  expect(topic.told.slice(2)).toMatchObject([{ status: "closed", ids: ["bob"] }]);
});

test("what an integration needed is over once it is deleted", async () => {
  const { run, failed, pass, memory, webhook } = givenWatch({ integrations: [prod] });
  await failed("ada");
  await run();
  memory.integrations.clear();
  await run();
  pass(minuteMs);
  await run();
  expect(webhook.told.map(({ status, label }) => [status, label])).toEqual([
    ["opened", "strongDM prod"],
    ["closed", "strongDM prod"],
  ]);
});
