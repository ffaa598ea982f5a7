import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLinkStore } from "../../shared/aws/links/link-store.ts";
import { createAttemptIndex } from "../../shared/aws/table/attempt-index.ts";
import type { UserAssignment, UserObserved } from "../../shared/model/link.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { forgetfulClient } from "./faults.ts";
import { linkStoreContract } from "./link-store-contract.ts";
import { makeAttempt, newId } from "./samples.ts";

let db: TestDynamoDb;
beforeAll(async () => {
  db = await startDynamoDb();
});
afterAll(() => db.close());

const storesOn = (client: TestDynamoDb["client"]) => ({
  links: createLinkStore<UserAssignment, UserObserved>({
    client,
    tableName: db.stateTableName,
    kind: "user",
  }),
  attempts: createAttemptIndex({ client, tableName: db.stateTableName }),
});

describe("link store", () => linkStoreContract(async () => storesOn(db.client)));

describe("link store, every reply of a write lost once", () => {
  const assigned = { direct: true, groups: [], excluded: false };

  it("knows its own begin and settle", async () => {
    const { links } = storesOn(db.client);
    const forgetful = storesOn(await forgetfulClient(db)).links;
    const key = { integrationId: newId("int"), id: newId("user") };
    await links.assign(key, 0, assigned);
    const attempt = makeAttempt(Date.now());
    const observed = { attempts: 1, remoteId: "r1", pushed: { title: "Countess" } };
    expect(await forgetful.begin(key, 1, attempt)).toBe(true);
    expect(await forgetful.mark(key, { ...attempt, remoteId: "r1" })).toBe(true);
    expect(await forgetful.settle(key, attempt.intent.attemptId, observed)).toMatchObject({ observed });
    expect(await links.read(key)).toMatchObject({ observed, assignment: assigned });
  });

  it("says that an assignment moved rather than that it was saved", async () => {
    const key = { integrationId: newId("int"), id: newId("user") };
    expect(await storesOn(await forgetfulClient(db)).links.assign(key, 0, assigned)).toBeUndefined();
    expect(await storesOn(db.client).links.read(key)).toMatchObject({ rev: 1, assignment: assigned });
  });
});

describe("link store under bad input", () => {
  it("answers invalid-input for what one item cannot hold, and store-unavailable without its table", async () => {
    const { links } = storesOn(db.client);
    const key = { integrationId: newId("int"), id: newId("user") };
    await links.assign(key, 0, { direct: true, groups: [], excluded: false });
    const tooLarge = links.note(key, 1, { attempts: 1, pushed: { title: "x".repeat(450_000) } });
    await expect(tooLarge).rejects.toMatchObject({ code: "invalid-input" });
    const tooPrecise = links.note(key, 1, { attempts: 1, pushed: { cost: 1e21 } });
    await expect(tooPrecise).rejects.toMatchObject({ code: "invalid-input" });
    const noNumber = await links
      .note(key, 1, { attempts: 1, pushed: { title: { constructor: "x" } } })
      .catch((error: unknown) => error);
    expect(noNumber).toBeInstanceOf(Error);
    expect(noNumber).not.toMatchObject({ code: "invalid-input" });
    const elsewhere = createLinkStore({ client: db.client, tableName: "not-there", kind: "user" });
    const failed = await elsewhere.read(key).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      code: "store-unavailable",
      extras: { retryAfterSeconds: expect.any(Number) },
    });
    expect(String((failed as { detail: string }).detail)).not.toContain("not-there");
  });
});
