import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLinkStore } from "../../shared/aws/links/link-store.ts";
import { createAttemptIndex } from "../../shared/aws/table/attempt-index.ts";
import { fromItem, toItem } from "../../shared/aws/table/dynamodb-client.ts";
import { linkKey } from "../../shared/aws/table/keys.ts";
import type { UserAssignment, UserObserved } from "../../shared/model/link.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { forgetfulClient } from "./faults.ts";
import { linkStoreContract } from "./link-store-contract.ts";
import { linkWorkContract, makeWork } from "./link-work-contract.ts";
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

describe("marks of work", () => linkWorkContract(async () => storesOn(db.client).links));

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
    expect(await forgetful.settle(key, attempt, observed)).toMatchObject({ observed });
    expect(await links.read(key)).toMatchObject({ observed, assignment: assigned });
  });

  it("knows its own settle that leaves a mark, takes it away, or finds that others have written", async () => {
    const { links } = storesOn(db.client);
    const forgetful = storesOn(await forgetfulClient(db)).links;
    const observed = { attempts: 1, remoteId: "r1" };
    const given = async () => {
      const key = { integrationId: newId("int"), id: newId("user") };
      await links.assign(key, 0, assigned, makeWork());
      const attempt = makeAttempt(Date.now());
      await links.begin(key, 1, attempt);
      return { key, attempt };
    };
    for (const work of [makeWork({ state: "failed" }), null]) {
      const { key, attempt } = await given();
      const settled = await forgetful.settle(key, attempt, observed, { work, rev: 2 });
      const left = { ...key, rev: 3, assignment: assigned, observed, ...(work && { work }) };
      expect([settled, await links.read(key)]).toEqual([left, left]);
    }
    const { key, attempt } = await given();
    await links.schedule(key, 2, makeWork({ urgency: 0 }));
    const settled = await forgetful.settle(key, attempt, observed, { work: null, rev: 2 });
    expect(settled).toMatchObject({ rev: 4, observed, work: { urgency: 0 } });
    expect(await links.read(key)).toEqual(settled);
  });

  it("says of a mark that the link moved rather than that it was written, and has written it once", async () => {
    const { links } = storesOn(db.client);
    const forgetful = storesOn(await forgetfulClient(db)).links;
    const key = { integrationId: newId("int"), id: newId("user") };
    await links.assign(key, 0, assigned);
    expect(await forgetful.schedule(key, 1, makeWork())).toBe(false);
    expect(await links.read(key)).toMatchObject({ rev: 2, work: makeWork() });
    expect(await forgetful.note(key, 2, { attempts: 2 }, null)).toBe(false);
    expect(await links.read(key)).toEqual({
      ...key,
      rev: 3,
      assignment: assigned,
      observed: { attempts: 2 },
    });
    expect(await forgetful.assign(key, 3, assigned, makeWork())).toBeUndefined();
    expect(await links.read(key)).toMatchObject({ rev: 4, work: makeWork() });
  });

  it("says that an assignment moved rather than that it was saved", async () => {
    const key = { integrationId: newId("int"), id: newId("user") };
    expect(await storesOn(await forgetfulClient(db)).links.assign(key, 0, assigned)).toBeUndefined();
    expect(await storesOn(db.client).links.read(key)).toMatchObject({ rev: 1, assignment: assigned });
  });
});

describe("link store on items of version 0.1", () => {
  const old = {
    attempts: 1,
    doubtful: { title: "Countess" },
    maybeCreated: { userName: "ada@example.com" },
    maybeNamed: ["Dev"],
  };
  const current = {
    attempts: 1,
    uncertain: { title: "Countess" },
    uncertainCreation: { userName: "ada@example.com" },
    uncertainNames: ["Dev"],
  };

  it("reads what is known under its names of today, also in an attempt that was left", async () => {
    const { links } = storesOn(db.client);
    const key = { integrationId: newId("int"), id: newId("user") };
    await links.assign(key, 0, { direct: true, groups: [], excluded: false });
    expect(await links.note(key, 1, old)).toBe(true);
    expect((await links.read(key))?.observed).toEqual(current);
    expect((await links.ofObject(key.id))[0]?.observed).toEqual(current);
    expect((await links.list(key.integrationId, { limit: 1 })).items[0]?.observed).toEqual(current);
    const attempt = makeAttempt(Date.now());
    expect(await links.begin(key, 2, attempt)).toBe(true);
    await links.abandon(key, { ...attempt, known: { observed: old } });
    expect((await links.read(key))?.attempt?.known).toEqual({ observed: current });
  });

  it("writes the names of today over them", async () => {
    const { links } = storesOn(db.client);
    const key = { integrationId: newId("int"), id: newId("user") };
    await links.assign(key, 0, { direct: true, groups: [], excluded: false });
    await links.note(key, 1, old);
    const { observed, rev } = (await links.read(key))!;
    await links.note(key, rev, observed);
    const pairs = await db.client.send(
      new GetItemCommand({ TableName: db.stateTableName, Key: toItem(linkKey("user", key)) }),
    );
    expect(fromItem(pairs.Item!)).toMatchObject({ observed: current });
    expect(Object.keys(fromItem<{ observed: object }>(pairs.Item!).observed).sort()).toEqual(
      Object.keys(current).sort(),
    );
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
