import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished, test, vi } from "vitest";
import { openDynamoDb } from "../../infra/local/dynamodb/engine.ts";
import { startEmbeddedRun } from "../../infra/local/embedded-run.ts";
import { fromItem, toItem } from "../../shared/aws/table/dynamodb-client.ts";
import { startStrongDm } from "../providers/strongdm/strongdm.ts";
import { leapOverWaits, until } from "../support/quick-time.ts";
import {
  type Body,
  eventTypesOf,
  givenGroup,
  givenIntegration,
  givenProvider,
  givenProvisioned,
  passTime,
  scimError,
  type Usher,
} from "../support/steps.ts";
import { thingsClient } from "./steps.ts";

leapOverWaits();
vi.spyOn(console, "error").mockImplementation(() => {});
const TableName = "usher-state";

const startUsher = async (dataDir: string): Promise<Usher> => {
  const run = await startEmbeddedRun({ port: 0, dataDir });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= run.close();
    return closed;
  };
  onTestFinished(close);
  const call: Usher["call"] = async (method, path, body) => {
    const answer = await fetch(run.url + path, {
      method,
      headers: { authorization: `Bearer ${run.token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, body: text ? JSON.parse(text) : {} };
  };
  return { run: { ...run, close }, dataDir, call };
};

type Stored = { pk: string; sk: string; [field: string]: unknown };
const marks = ["work", "changed", "workPk", "workSk"];
/** Groups were not listed, and their members not counted. */
const ofGroups = ["listPk", "listSk", "memberCount"];

/** Turns the folder into one of the release before: no index of work, no mark anywhere, no job. `change` edits the items. */
const asReleaseBefore = async (dataDir: string, change: (item: Stored) => Stored): Promise<void> => {
  const engine = await openDynamoDb(dataDir);
  const client: DynamoDBClient = thingsClient(engine);
  const GlobalSecondaryIndexUpdates = [{ Delete: { IndexName: "byWork" } }];
  await client.send(new UpdateTableCommand({ TableName, GlobalSecondaryIndexUpdates }));
  for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
    for (const Item of Items) {
      const { pk, sk, ...item } = fromItem<Stored>(Item);
      const isGroup = pk.startsWith("GROUP#") && sk === "PROFILE";
      const gone = [...marks, ...(isGroup ? ofGroups : [])];
      const bare = Object.fromEntries(Object.entries(item).filter(([name]) => !gone.includes(name)));
      if (pk.startsWith("JOB#"))
        await client.send(new DeleteItemCommand({ TableName, Key: toItem({ pk, sk }) }));
      else await client.send(new PutItemCommand({ TableName, Item: toItem(change({ pk, sk, ...bare })) }));
    }
  }
  await engine.close();
};

test("given a folder of the release before with pending work, when this one opens it, then all of it arrives by itself", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "usher-release-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const provider = await givenProvider(startStrongDm);
  const usher = await startUsher(dataDir);
  const integration = await givenIntegration(usher, provider);
  const make = () => givenProvisioned(usher, provider, integration);
  const [renamed, suspended, left, failed, same] = [
    await make(),
    await make(),
    await make(),
    await make(),
    await make(),
  ];
  const group = await givenGroup(usher, provider, integration, [renamed.userId, same.userId]);
  provider.intercept = ({ method, path }) =>
    method !== "GET" && path.includes(failed.remoteId) ? scimError(503, "Down.") : undefined;
  await usher.call("PUT", failed.path, { ...failed.user, firstname: "Failed" });
  await usher.run.close();
  provider.intercept = undefined;
  provider.requests.length = 0;

  const edits: Record<string, object> = {
    [renamed.userId]: { firstname: "Grace" },
    [suspended.userId]: { suspended: true },
  };
  await asReleaseBefore(dataDir, (item) => {
    const userId = item.pk.startsWith("USER#") && item.sk === "PROFILE" ? item.pk.slice("USER#".length) : "";
    const version = Number(item.version) + 1;
    if (userId === left.userId) return { ...item, deleted: true, version };
    if (edits[userId]) return { ...item, user: { ...(item.user as object), ...edits[userId] }, version };
    if (item.pk === `GROUP#${group.groupId}` && item.sk === "PROFILE")
      return { ...item, name: "Renamed group", version, highest: version };
    return item;
  });

  const opened = await startUsher(dataDir);
  await opened.run.recovered;
  const states = async () => {
    const lists = ["users", "groups"].map((kind) => opened.call("GET", `${integration.path}/${kind}`));
    return Object.fromEntries(
      (await Promise.all(lists)).flatMap(({ body }) =>
        body.items.map((one: Body) => [one.userId ?? one.groupId, one.state]),
      ),
    );
  };
  const inStep = {
    [renamed.userId]: "in_sync",
    [suspended.userId]: "in_sync",
    [same.userId]: "in_sync",
    [group.groupId]: "in_sync",
  };
  await until(async () => {
    const now = await states();
    return Object.entries(inStep).every(([id, state]) => now[id] === state) && now[left.userId] === "deleted";
  });
  passTime(61_000);
  await opened.run.recover();
  await until(async () => (await states())[failed.userId] === "in_sync");

  expect((await opened.call("GET", "/groups")).body.items).toMatchObject([
    { groupId: group.groupId, name: "Renamed group", memberCount: 2 },
  ]);
  const users = new Map((await provider.users()).map((user) => [user.id, user]));
  const name = (id: string) =>
    (users.get(id)?.resource.name as { givenName?: string } | undefined)?.givenName;
  expect(name(renamed.remoteId)).toBe("Grace");
  expect(name(failed.remoteId)).toBe("Failed");
  expect(users.get(suspended.remoteId)?.active).toBe(false);
  expect(users.has(left.remoteId)).toBe(false);
  expect((await provider.groups()).map(({ displayName }) => displayName)).toEqual(["Renamed group"]);
  expect(
    provider.requests.filter(({ method, path }) => method !== "GET" && path.includes(same.remoteId)),
  ).toEqual([]);
  expect(
    await eventTypesOf(opened, `userId=${renamed.userId}&integrationId=${integration.integrationId}`),
  ).toEqual(expect.arrayContaining(["user_update_provision"]));
});
