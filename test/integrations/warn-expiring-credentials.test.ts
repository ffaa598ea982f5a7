import { expect, test } from "vitest";
import { type Warned, warnExpiringCredentials } from "../../shared/integrations/warn-expiring-credentials.ts";
import { timeOfUuidV7, uuidV7 } from "../../shared/model/ids.ts";
import type { Integration } from "../../shared/model/integration.ts";
import type { EventRecord } from "../../shared/provisioning/ports/event-log.ts";
import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import { makeIntegration } from "../stores/samples.ts";

const day = 86_400_000;
const start = Date.UTC(2026, 5, 1, 23, 59, 30);

const given = (...integrations: Integration[]) => {
  let now = start;
  const events = new Map<string, EventRecord>();
  let puts = 0;
  const failing = { once: false };
  const ports = {
    integrations: {
      current: async () => integrations,
    },
    events: {
      put: async (record: EventRecord) => {
        puts += 1;
        if (failing.once) throw new Error("the store is away");
        const isNew = !events.has(record.event.id);
        if (isNew) events.set(record.event.id, record);
        return events.get(record.event.id)?.event;
      },
    },
    clock: { now: () => now, sleep: async () => {} },
    newId: uuidV7,
    organization: "org",
    eventRetentionDays: 400,
  } as unknown as Ports;
  return { ports, events, failing, puts: () => puts, pass: (ms: number) => (now += ms) };
};

/** Credentials that end so long from now, and were stored then. */
const ending = (integrationId: string, ms: number, stored = start - 30 * day) =>
  makeIntegration({
    integrationId,
    secretVersionId: uuidV7(stored),
    credentials: { type: "bearer", expiresAt: new Date(start + ms).toISOString() },
  });

const datesOf = (events: Map<string, EventRecord>) =>
  [...events.values()].map(({ event }) => event.timestamp);

test("one event for each day and integration, however often it is run", async () => {
  const { ports, events, pass, puts } = given(
    ending("i1", 14 * day),
    ending("i2", -day),
    ending("i3", 20 * day),
  );
  const warned: Warned = new Map();
  await warnExpiringCredentials(ports, warned);
  await warnExpiringCredentials(ports, warned);
  expect(puts()).toBe(2);
  // Another process, which knows nothing of the first.
  await Promise.all([warnExpiringCredentials(ports, new Map()), warnExpiringCredentials(ports, new Map())]);
  expect(events.size).toBe(2);
  pass(day - 1);
  await warnExpiringCredentials(ports, warned);
  expect(events.size).toBe(2);
  pass(1);
  await warnExpiringCredentials(ports, warned);
  expect(events.size).toBe(4);
  for (const { event } of events.values()) expect(timeOfUuidV7(event.id)).toBe(Date.parse(event.timestamp));
});

test("days are counted from 14 days before the end, or from when the secret was stored, if that was later", async () => {
  const { ports, events, pass } = given(
    ending("long known", 14 * day - 90_000),
    ending("late", 3 * day, start - 60_000),
  );
  const before = new Date(start - 90_000).toISOString();
  const stored = new Date(start - 60_000 + 1).toISOString();
  await warnExpiringCredentials(ports, new Map());
  expect(datesOf(events)).toEqual([before, stored]);
  // After two days without a run the warning of today is written, and no other.
  pass(2 * day + 5_000);
  await warnExpiringCredentials(ports, new Map());
  const later = (date: string) => new Date(Date.parse(date) + 2 * day).toISOString();
  expect(datesOf(events)).toEqual([before, stored, later(before), later(stored)]);
});

test("a secret stored anew has days of its own", async () => {
  const integration = ending("i1", day);
  const { ports, events, pass } = given(integration);
  await warnExpiringCredentials(ports, new Map());
  pass(60_001);
  integration.secretVersionId = uuidV7(start + 60_000);
  await warnExpiringCredentials(ports, new Map());
  expect(datesOf(events).at(-1)).toBe(new Date(start + 60_001).toISOString());
  expect(events.size).toBe(2);
});

test("14 days to the millisecond", async () => {
  const { ports, events } = given(ending("i1", 14 * day + 1), ending("i2", 14 * day));
  await warnExpiringCredentials(ports, new Map());
  expect([...events.values()].map(({ event }) => event.idm_client_id)).toEqual(["i2"]);
});

test("a store that is away costs nothing but another try", async () => {
  const { ports, events, failing } = given(ending("i1", day));
  const warned: Warned = new Map();
  failing.once = true;
  expect(await warnExpiringCredentials(ports, warned)).toHaveLength(1);
  failing.once = false;
  expect(await warnExpiringCredentials(ports, warned)).toEqual([]);
  expect(events.size).toBe(1);
});
