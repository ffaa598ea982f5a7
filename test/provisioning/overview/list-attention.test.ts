import { expect, test } from "vitest";
import { atOnce } from "../../../shared/memory/request.ts";
import type { Integration } from "../../../shared/model/integration.ts";
import type { UserLink } from "../../../shared/model/link.ts";
import type { Changed, Work } from "../../../shared/model/work.ts";
import { listAttention } from "../../../shared/provisioning/overview/list-attention.ts";
import type { Ports } from "../../../shared/provisioning/ports/ports.ts";
import { emptyMemory, openStores } from "../../memory/memory.ts";
import { makeIntegration, makeUser } from "../../stores/samples.ts";

const now = Date.UTC(2026, 5, 1);
const minuteMs = 60_000;
const at = (minutes: number) => now + minutes * minuteMs;
const iso = (minutes: number) => new Date(at(minutes)).toISOString();
const integrationId = "int";

const markOf = (fields: Partial<Work> = {}): Work => ({
  state: "pending",
  urgency: 0,
  at: now,
  since: at(-10),
  setAt: now,
  ...fields,
});

/** Stores in memory with one integration; nothing of what waits is worked on. */
const given = (integration: Partial<Integration> = {}) => {
  const memory = emptyMemory();
  const saved = makeIntegration({ integrationId, ...integration });
  memory.integrations.set(integrationId, { integrationId, integration: saved, rev: 1 } as never);
  const stores = openStores(memory, atOnce, () => now);
  const clock = { now: () => now, sleep: async () => undefined };
  const ports = { ...stores, clock } as unknown as Ports;
  return {
    holds: stores.holds,
    list: (query: Partial<Parameters<typeof listAttention>[1]> = {}) =>
      listAttention(ports, { limit: 50, ...query }),
    user: async (
      id: string,
      {
        work,
        changed,
        ...fields
      }: { work?: Work; changed?: Changed; active?: boolean; suspended?: boolean; closedAt?: string },
    ) => {
      const { active = true, suspended = false, closedAt = saved.baseUrl } = fields;
      await stores.users.save(id, 0, makeUser({ suspended }), changed ? { changed } : {});
      memory.userLinks.set(`${id}#${integrationId}`, {
        integrationId,
        id,
        rev: 1,
        assignment: { direct: true, groups: [], excluded: false },
        observed: { attempts: 1, remoteId: `r-${id}`, baseUrl: closedAt, pushed: { active } },
        ...(work && { work }),
      } as UserLink);
    },
  };
};

test("a change that ends access and was dispatched nowhere is open access once its time is over", async () => {
  const { user, list } = given();
  await user("late", { suspended: true, changed: { at: at(-6), since: at(-6) } });
  await user("in-time", { suspended: true, changed: { at: at(-4), since: at(-4) } });
  await user("closed", { suspended: true, active: false, changed: { at: at(-6), since: at(-6) } });
  await user("joins", { changed: { at: at(-6), since: at(-6) } });
  expect(await list()).toEqual({
    items: [
      {
        kind: "access-open",
        integrationId,
        userId: "late",
        since: iso(-6),
        detail:
          "The account is to be closed, and may be open. The change of the directory has not reached the integration yet.",
      },
    ],
  });
});

test("an account that was closed under another base URL may be open here", async () => {
  const { user, list } = given();
  const work = markOf({ state: "pending", urgency: 0 });
  await user("moved", { suspended: true, active: false, closedAt: "https://before.example.com/scim", work });
  expect((await list()).items).toMatchObject([{ kind: "access-open", userId: "moved" }]);
});

test("the link has the last word: what is done, or wanted again, is not shown", async () => {
  const { user, list } = given();
  await user("done", { suspended: true, active: false, work: markOf() });
  await user("wanted", { work: markOf() });
  await user("open", { suspended: true, work: markOf() });
  await user("later", { suspended: true, work: markOf({ since: at(-4) }) });
  await user("held", { suspended: true, work: markOf({ state: "held", since: at(0) }) });
  const { items } = await list();
  expect(items.map(({ userId, detail }) => [userId, detail])).toEqual([
    ["open", "The account is to be closed, and may be open. It waits for its turn."],
    ["held", "The account is to be closed, and may be open. The guard holds it, until it is approved."],
  ]);
});

test("kinds come in their order, whatever their age", async () => {
  const credentials = { type: "bearer", expiresAt: iso(60) } as const;
  const { user, list, holds } = given({ status: "needs_reauth", updatedAt: iso(-1), credentials });
  const cause = { initiatedBy: { type: "admin", id: "admin-1" }, correlationId: "c1" };
  const hold = { integrationId, count: 12, since: iso(-2), cause, rev: 1, acts: [] };
  await holds.create({ ...hold, holdId: "hold-1", state: "open" });
  await holds.create({ ...hold, holdId: "hold-2", state: "approved" });
  await user("unconfirmed", { work: markOf({ state: "unconfirmed", urgency: 1, since: at(-9) }) });
  await user("failed", { work: markOf({ state: "failed", urgency: 1, since: at(-8) }) });
  await user("retrying", { work: markOf({ state: "retrying", urgency: 1, since: at(-8) }) });
  await user("open", { suspended: true, work: markOf({ state: "failed", since: at(0) }) });
  const { items } = await list();
  expect(items).toMatchObject([
    { kind: "access-open", userId: "open", since: iso(0) },
    { kind: "needs-reauth", since: iso(-1) },
    { kind: "held", holdId: "hold-1", count: 12, since: iso(-2) },
    { kind: "failed", userId: "failed", since: iso(-8) },
    { kind: "unconfirmed", userId: "unconfirmed", since: iso(-9) },
    { kind: "credentials-expiring", detail: expect.stringContaining(iso(60)) },
  ]);
  expect((await list({ kind: "held" })).items).toHaveLength(1);
  expect((await list({ integrationId: "another" })).items).toEqual([]);
});

test("a removal that was rejected says who accepted that the access stays, and why", async () => {
  const { user, list, holds } = given();
  await user("kept", { suspended: true, work: markOf({ state: "held" }) });
  const decided = {
    by: { type: "admin", id: "admin-1", email: "admin@example.com" },
    at: iso(-1),
    reason: "TICKET-7",
    eventId: "e1",
  };
  const item = { kind: "user", userId: "kept", at: iso(-2), wanted: "inactive" } as const;
  await holds.put({ integrationId, holdId: "hold-1" }, [{ ...item, state: "rejected", decided }]);
  const { items } = await list();
  expect(items).toMatchObject([{ kind: "access-open", userId: "kept" }]);
  expect(items[0]?.detail).toContain(
    `admin@example.com accepted at ${iso(-1)} that the access stays (TICKET-7)`,
  );
});

test("a quarantined integration is shown, and a deleted one never", async () => {
  const quarantine = { since: iso(-3), reason: "It fails.", nextProbeAt: at(1), probes: 1, turnSince: now };
  const { items } = await given({ standing: { rev: 1, quarantine } }).list();
  expect(items).toMatchObject([
    { kind: "quarantined", since: iso(-3), detail: expect.stringContaining("It fails.") },
  ]);
  const { user, list } = given({ status: "deleted" });
  await user("open", { suspended: true, work: markOf() });
  expect((await list()).items).toEqual([]);
});

test("more than 10,000 of one state are one entry with their number, since the oldest", async () => {
  const { user, list } = given();
  for (let nth = 0; nth <= 10_000; nth += 1)
    await user(`u${nth}`, { work: markOf({ state: "failed", urgency: 1, since: at(-nth) }) });
  expect((await list()).items).toMatchObject([
    { kind: "failed", count: 10_001, since: iso(-10_000), detail: expect.stringContaining("state=failed") },
  ]);
});
