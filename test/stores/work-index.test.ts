import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGroupStore } from "../../shared/aws/directory/group-store.ts";
import { createUserStore } from "../../shared/aws/directory/user-store.ts";
import { createLinkStore } from "../../shared/aws/links/link-store.ts";
import { createWorkIndex } from "../../shared/aws/table/work-index.ts";
import type { UserAssignment, UserObserved } from "../../shared/model/link.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { newId } from "./samples.ts";
import { workIndexContract } from "./work-index-contract.ts";

describe("work index", () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.close());

  workIndexContract(async () => {
    const access = { client: db.client, tableName: db.stateTableName };
    return {
      work: createWorkIndex(access),
      users: createUserStore(access),
      groups: createGroupStore(access),
      userLinks: createLinkStore({ ...access, kind: "user" }),
      groupLinks: createLinkStore({ ...access, kind: "group" }),
    };
  });

  it("keeps what it has counted for 5 s", async () => {
    let clock = Date.now();
    const access = { client: db.client, tableName: db.stateTableName };
    const links = createLinkStore<UserAssignment, UserObserved>({ ...access, kind: "user" });
    const work = createWorkIndex({ ...access, now: () => clock });
    const integrationId = newId("int");
    expect(await work.countLinks(integrationId, "user")).toBe(0);
    await links.assign({ integrationId, id: "u1" }, 0, { direct: true, groups: [], excluded: false });
    clock += 4_999;
    expect(await work.countLinks(integrationId, "user")).toBe(0);
    clock += 1;
    expect(await work.countLinks(integrationId, "user")).toBe(1);
  });
});
