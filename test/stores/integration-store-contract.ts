import { beforeEach, describe, expect, it } from "vitest";
import type { Integration } from "../../shared/model/integration.ts";
import type {
  IntegrationStore,
  LifecycleAttempt,
} from "../../shared/provisioning/ports/integration-store.ts";
import type { AttemptIndex } from "../../shared/provisioning/ports/link-store.ts";
import { makeAttempt, makeIntegration, newId } from "./samples.ts";

const now = Date.now();

type IntegrationStoreUnderTest = { integrations: IntegrationStore; attempts: AttemptIndex };

/** What every IntegrationStore owes its callers. */
export const integrationStoreContract = (makeStore: () => Promise<IntegrationStoreUnderTest>): void => {
  let store: IntegrationStore;
  let attempts: AttemptIndex;
  let integration: Integration;
  let id: string;
  beforeEach(async () => {
    ({ integrations: store, attempts } = await makeStore());
    id = newId("int");
    integration = makeIntegration({ integrationId: id });
  });

  const lifecycle = (proposed: Integration, leaseUntil = now + 60_000): LifecycleAttempt => ({
    ...makeAttempt(leaseUntil, id),
    proposed,
  });
  const activate = async (): Promise<void> => {
    const attempt = lifecycle(integration);
    expect(await store.begin(id, 0, attempt)).toBe(true);
    expect(await store.settle(id, attempt, integration)).toBe(true);
  };

  it("holds an activation without an integration, and the integration once it is settled", async () => {
    const attempt = lifecycle(integration);
    expect(await store.read(id)).toBeUndefined();
    expect(await store.begin(id, 0, attempt)).toBe(true);
    expect(await store.begin(id, 0, lifecycle(integration))).toBe(false);
    expect(await store.read(id)).toEqual({ integrationId: id, attempt });
    expect(await store.all()).toContainEqual({ integrationId: id, attempt });
    const succeeded = { ...attempt, succeeded: true };
    expect(await store.mark(id, succeeded)).toBe(true);
    expect(await store.read(id)).toEqual({ integrationId: id, attempt: succeeded });
    expect(await store.settle(id, attempt, integration)).toBe(true);
    expect(await store.read(id)).toEqual({ integrationId: id, integration });
    expect(await store.all()).toContainEqual({ integrationId: id, integration });
  });

  it("knows the integrations that are not deleted, also once one is active again", async () => {
    const isCurrent = async () => (await store.current()).some(({ integrationId }) => integrationId === id);
    const settle = async (proposed: Integration) => {
      const attempt = lifecycle(proposed);
      expect(await store.begin(id, proposed.version - 1, attempt)).toBe(true);
      return store.settle(id, attempt, proposed);
    };
    await store.begin(id, 0, lifecycle(integration));
    expect(await isCurrent()).toBe(false);
    id = newId("int");
    integration = makeIntegration({ integrationId: id });
    await activate();
    expect(await store.current()).toContainEqual(integration);
    const { version } = integration;
    expect(await settle({ ...integration, status: "deleted", version: version + 1 })).toBe(true);
    expect(await isCurrent()).toBe(false);
    expect((await store.read(id))?.integration?.status).toBe("deleted");
    expect(await settle({ ...integration, version: version + 2 })).toBe(true);
    expect(await isCurrent()).toBe(true);
  });

  it("removes the row of an activation that failed", async () => {
    const attempt = lifecycle(integration);
    await store.begin(id, 0, attempt);
    expect(await store.settle(id, lifecycle(integration))).toBe(false);
    expect(await store.settle(id, attempt)).toBe(true);
    expect(await store.read(id)).toBeUndefined();
    expect(await store.settle(id, attempt)).toBe(false);
  });

  it("leaves an integration as it was where an attempt failed", async () => {
    await activate();
    const attempt = lifecycle({ ...integration, baseUrl: "https://other.example" });
    expect(await store.begin(id, 1, attempt)).toBe(true);
    expect(await store.settle(id, attempt)).toBe(true);
    expect(await store.read(id)).toEqual({ integrationId: id, integration });
  });

  it("begins at the row's version alone, once, and not over an orphan", async () => {
    await activate();
    expect(await store.begin(id, 0, lifecycle(integration))).toBe(false);
    expect(await store.begin(id, 2, lifecycle(integration))).toBe(false);
    const tries = Array.from({ length: 6 }, () => store.begin(id, 1, lifecycle(integration, now - 1)));
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    expect(await store.begin(id, 1, lifecycle(integration))).toBe(false);
  });

  it("hands an orphan over once, and finds it in the index", async () => {
    const attempt = lifecycle(integration, now);
    const { attemptId } = attempt.intent;
    await store.begin(id, 0, attempt);
    const ref = { kind: "integration", key: { integrationId: id, id } };
    expect(await attempts.orphans(now)).not.toContainEqual(ref);
    expect(await attempts.orphans(now + 1)).toContainEqual(ref);
    const tries = Array.from({ length: 4 }, () => store.takeOver(id, attemptId, now + 60_000, now));
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    const taken = { ...attempt, leaseUntil: now + 60_000 };
    expect(await store.mark(id, attempt)).toBe(false);
    expect(await store.settle(id, attempt, integration)).toBe(false);
    expect(await store.settle(id, attempt)).toBe(false);
    await store.abandon(id, attempt);
    expect(await store.takeOver(id, attemptId, now + 90_000, now)).toBe(false);
    await store.abandon(id, taken);
    expect(await store.takeOver(id, attemptId, now + 60_000, now)).toBe(true);
    expect(await store.settle(id, taken)).toBe(true);
    expect(await attempts.orphans(now + 999_999)).not.toContainEqual(ref);
  });

  describe("noteStanding", () => {
    const streak = { failures: 1, objects: ["user a"], lastAt: now };
    const standingOf = async () => (await store.read(id))?.integration?.standing;

    it("writes under the revision that was read, and no change of the row overwrites it", async () => {
      await activate();
      expect(await store.noteStanding(id, { rev: 0, streak })).toBe(true);
      expect(await store.noteStanding(id, { rev: 0 })).toBe(false);
      expect(await standingOf()).toEqual({ rev: 1, streak });
      const proposed = { ...integration, version: 2, groupsEnabled: false };
      const attempt = lifecycle(proposed);
      await store.begin(id, 1, attempt);
      expect(await store.noteStanding(id, { rev: 1 })).toBe(true);
      await store.settle(id, attempt, { ...proposed, standing: { rev: 1, streak } });
      expect((await store.read(id))?.integration).toEqual({ ...proposed, standing: { rev: 2 } });
      expect(await store.noteStanding("unknown", { rev: 0 })).toBe(false);
    });

    it("makes a row active again that waits for reauth with that very secret, and no other", async () => {
      const at = "2026-04-01T00:00:00.000Z";
      await activate();
      expect(await store.noteStanding(id, { rev: 0 }, { secretVersionId: "s1", at })).toBe(false);
      await store.requireReauth(id, "s1", at);
      expect(await store.noteStanding(id, { rev: 0 }, { secretVersionId: "other", at })).toBe(false);
      expect(await store.noteStanding(id, { rev: 0 }, { secretVersionId: "s1", at })).toBe(true);
      const healed = { ...integration, updatedAt: at, version: 3, standing: { rev: 1 } };
      expect((await store.read(id))?.integration).toEqual(healed);
    });
  });

  describe("requireReauth", () => {
    const at = "2026-04-01T00:00:00.000Z";
    const read = async (): Promise<Integration | undefined> => (await store.read(id))?.integration;

    it("counts against the secret of the row and an active row alone", async () => {
      await activate();
      await store.requireReauth(id, "old-secret", at);
      expect(await read()).toEqual(integration);
      await store.requireReauth(id, "s1", at);
      const needing = { ...integration, status: "needs_reauth", updatedAt: at, version: 2 };
      expect(await read()).toEqual(needing);
      await store.requireReauth(id, "s1", "2026-05-01T00:00:00.000Z");
      expect(await read()).toEqual(needing);
      await store.requireReauth("unknown", "s1", at);
      expect(await store.read("unknown")).toBeUndefined();
    });

    it("is not undone by an attempt that was under way with the same secret", async () => {
      await activate();
      const proposed = { ...integration, version: 2, groupsEnabled: false };
      const attempt = lifecycle(proposed);
      await store.begin(id, 1, attempt);
      await store.requireReauth(id, "s1", at);
      expect(await store.settle(id, attempt, proposed)).toBe(true);
      expect(await read()).toEqual({ ...proposed, status: "needs_reauth", version: 3 });
    });

    it("is cleared by a new secret, and by a deletion", async () => {
      await activate();
      await store.requireReauth(id, "s1", at);
      const renewed = { ...integration, version: 3, secretVersionId: "s2" };
      const reauth = lifecycle(renewed);
      await store.begin(id, 2, reauth);
      expect(await store.settle(id, reauth, renewed)).toBe(true);
      expect(await read()).toEqual(renewed);
      await store.requireReauth(id, "s2", at);
      const deleted: Integration = { ...renewed, status: "deleted", version: 5 };
      const deletion = lifecycle(deleted);
      await store.begin(id, 4, deletion);
      expect(await store.settle(id, deletion, deleted)).toBe(true);
      expect(await read()).toEqual(deleted);
    });
  });
};
