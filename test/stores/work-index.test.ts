import { afterAll, beforeAll, describe } from "vitest";
import { createGroupStore } from "../../shared/aws/directory/group-store.ts";
import { createUserStore } from "../../shared/aws/directory/user-store.ts";
import { createLinkStore } from "../../shared/aws/links/link-store.ts";
import { createWorkIndex } from "../../shared/aws/table/work-index.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
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
});
