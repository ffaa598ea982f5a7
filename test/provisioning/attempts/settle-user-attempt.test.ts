import { expect, test } from "vitest";
import type { UserObserved } from "../../../shared/model/link.ts";
import type { EventRecord } from "../../../shared/provisioning/ports/event-log.ts";
import type { Ports } from "../../../shared/provisioning/ports/ports.ts";
import { settleUserAttempt } from "../../../shared/provisioning/users/settle-user-attempt.ts";
import { makeAttempt, makeIntegration } from "../../stores/samples.ts";

const now = Date.parse("2026-03-02T08:00:00Z");
const pushed = { userName: "ada@example.com", title: "Analyst", nickName: "Ada" };
const next = { ...pushed, title: "Engineer" };

/**
 * The base URL that the integration has now, that the attempt was sent to, and that the link is of: the same where not
 * given.
 */
type Urls = { now?: string; sentTo?: string; linked?: string };

/** An update of the title was cut off after it was sent; the provider shows the account as `resource`. */
const settled = async (resource: Record<string, string>, urls: Urls = {}) => {
  const made = makeIntegration();
  const integration = { ...made, ...(urls.now !== undefined && { baseUrl: urls.now }) };
  const { integrationId } = integration;
  const { intent } = makeAttempt(0);
  const changes = [{ field: "title", from: "Analyst", to: "Engineer" }];
  const attempt = {
    intent: { ...intent, eventType: "user_update_provision" as const, changes, step: "write" as const },
    leaseUntil: now - 1,
    ...(urls.sentTo !== undefined && { baseUrl: urls.sentTo }),
    considered: { version: 3, mappingVersion: 1 },
    next,
    remoteId: "r1",
  };
  const link = {
    integrationId,
    id: "u1",
    rev: 4,
    assignment: { direct: true, groups: [], excluded: false },
    observed: { attempts: 1, remoteId: "r1", baseUrl: urls.linked ?? made.baseUrl, pushed },
    attempt,
  };
  const leases: number[] = [];
  const claimed: string[] = [];
  let reads = 0;
  const links: UserObserved[] = [];
  const records: EventRecord[] = [];
  const ports = {
    clock: { now: () => now, sleep: async () => undefined },
    integrations: { read: async () => ({ integrationId, integration }) },
    secrets: { read: async () => ({ credentials: {}, origin: integration.secretOrigin }) },
    profileOf: () => ({}),
    openProvider: () => ({
      readUser: async () => {
        reads += 1;
        return { id: "r1", resource };
      },
      lastAnswer: () => ({ status: 200, details: [] }),
    }),
    claims: {
      claim: async ({ baseUrl }: { baseUrl: string }) => {
        claimed.push(baseUrl);
        return { ownerId: "u1" };
      },
    },
    events: {
      put: async (record: EventRecord) => {
        records.push(record);
        return record.event;
      },
    },
    userLinks: {
      takeOver: async (_key: unknown, _attemptId: string, leaseUntil: number) => leases.push(leaseUntil),
      settle: async (_key: unknown, _attemptId: string, observed: UserObserved) => links.push(observed),
    },
  } as unknown as Ports;
  await settleUserAttempt(ports, { sendUntil: now + 20_000, answerUntil: now + 25_000 }, link);
  const { success } = records[0]?.event ?? {};
  return { lease: (leases[0] ?? 0) - now, success, observed: links[0], reads, claimed };
};

test("an account that shows all that was wanted needs nothing more at the versions that this was made of", async () => {
  const { observed } = await settled(next);
  expect(observed).toMatchObject({ version: 3, mappingVersion: 1, pushed: next });
  expect(observed).not.toHaveProperty("lastError");
});

test("an account that differs is looked at again by the next call, whatever took effect", async () => {
  const { observed } = await settled({ ...next, nickName: "somebody else's" });
  expect(observed).toMatchObject({ pushed: { nickName: "somebody else's" } });
  expect(observed).not.toHaveProperty("version");
});

test("a cut-off change took effect where the provider shows it, whatever else differs there", async () => {
  const foreign = { userName: "ada@example.com", title: "Engineer", nickName: "somebody else's" };
  expect(await settled(foreign)).toMatchObject({ success: true });
});

test("a cut-off change that the provider does not show did not take effect", async () => {
  expect(await settled(pushed)).toMatchObject({ success: false });
});

test("an orphan is taken over for longer than its provider is asked, so that no other process settles it as well", async () => {
  expect((await settled(next)).lease).toBeGreaterThanOrEqual(29_000);
});

const before = makeIntegration().baseUrl;
const moved = `${before}/moved`;

test.each<[string, Urls]>([
  ["as it says", { now: moved, sentTo: before }],
  ["as its link says, since it was begun by version 0.1", { now: moved }],
  ["though its link was made under the present one", { now: moved, linked: moved, sentTo: before }],
])(
  "what was sent to another base URL, %s, has an unknown outcome, and nobody is asked for at the present one",
  async (_, urls) => {
    const { observed, success, reads, claimed } = await settled(next, urls);
    expect([success, reads]).toEqual([false, 0]);
    // What the link goes on naming at the present one is claimed again, in case that the holder had given it up.
    expect(claimed).toEqual(urls.linked ? [urls.linked] : []);
    expect(observed).toMatchObject({
      remoteId: "r1",
      baseUrl: urls.linked ?? before,
      uncertain: { title: "Engineer" },
    });
    expect(observed?.pushed).not.toHaveProperty("title");
  },
);

test("an id of another base URL that is somebody else's at the present one, where it was sent, is not taken", async () => {
  const theirs = { userName: "bob@example.com", title: "Engineer" };
  const { observed, success, claimed } = await settled(theirs, { now: moved, sentTo: moved });
  expect([success, claimed]).toEqual([false, []]);
  expect(observed).toMatchObject({ remoteId: "r1", baseUrl: before, uncertain: { title: "Engineer" } });
});

test("an id of another base URL that shows the name that we gave it, where it was sent, is taken", async () => {
  const { observed, success, claimed } = await settled(next, { now: moved, sentTo: moved });
  expect([success, new Set(claimed)]).toEqual([true, new Set([moved])]);
  expect(observed).toMatchObject({ remoteId: "r1", baseUrl: moved, pushed: next });
});
