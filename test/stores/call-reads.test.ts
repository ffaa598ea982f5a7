import { afterAll, beforeAll, describe } from "vitest";
import { createCallReads } from "../../shared/aws/call-reads.ts";
import { createGroupStore } from "../../shared/aws/directory/group-store.ts";
import { createUserStore } from "../../shared/aws/directory/user-store.ts";
import { createIntegrationStore } from "../../shared/aws/integration-store.ts";
import { createLinkStore } from "../../shared/aws/links/link-store.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { callReadsContract } from "./call-reads-contract.ts";

describe("the reads that a call begins with", () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.close());

  callReadsContract(async () => {
    const access = { client: db.client, tableName: db.stateTableName };
    return {
      reads: createCallReads(access),
      users: createUserStore(access),
      groups: createGroupStore(access),
      integrations: createIntegrationStore(access),
      userLinks: createLinkStore({ ...access, kind: "user" }),
      groupLinks: createLinkStore({ ...access, kind: "group" }),
    };
  });
});
