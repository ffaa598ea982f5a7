import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClaimStore } from "../../shared/aws/links/claim-store.ts";
import type { Claim } from "../../shared/provisioning/ports/link-store.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { claimStoreContract } from "./claim-store-contract.ts";
import { forgetfulClient } from "./faults.ts";
import { newId } from "./samples.ts";

describe("claim store", () => {
  let db: TestDynamoDb;
  beforeAll(async () => {
    db = await startDynamoDb();
  });
  afterAll(() => db.close());
  const storeOn = (client = db.client) => createClaimStore({ client, tableName: db.stateTableName });

  claimStoreContract(async () => storeOn());

  it("knows its own claim when the reply is lost", async () => {
    const claim: Claim = {
      integrationId: newId("int"),
      kind: "user",
      baseUrl: "https://a.example",
      remoteId: "r1",
      ownerId: "u1",
    };
    expect(await storeOn(await forgetfulClient(db)).claim(claim)).toEqual({ ownerId: "u1" });
  });
});
