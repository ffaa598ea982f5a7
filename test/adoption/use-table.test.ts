import type { CloudFormationCustomResourceEvent } from "aws-lambda";
import { expect, test } from "vitest";
import { type Use, useTable } from "../../shared/aws/adoption/use-table.ts";
import { eventsTable, stateTable } from "../../shared/aws/table/tables.ts";
import { type ControlledTable, controlPlane, restored } from "./control-plane.ts";

const stackId = "arn:aws:cloudformation:eu-central-1:111122223333:stack/usher/11111111";
const other = "arn:aws:cloudformation:eu-central-1:111122223333:stack/usher-dev/22222222";
const tableArn = "arn:aws:dynamodb:eu-central-1:111122223333:table/usher-restored";
const named: Use = { Kind: "state", TableName: "usher-restored", TableArn: tableArn };
const own: Use = { Kind: "state" };

const request = (use: Use, more: Record<string, unknown> = { RequestType: "Create" }) =>
  ({ StackId: stackId, ResourceProperties: use, ...more }) as unknown as CloudFormationCustomResourceEvent;
const update = (before: Use, use: Use) =>
  request(use, { RequestType: "Update", OldResourceProperties: before, PhysicalResourceId: "former" });

const table = (more: Partial<ControlledTable> = {}) => ({
  ...restored("usher-restored", stateTable),
  ...more,
});

test("a restored table gets all that a restore leaves out, one change at a time", async () => {
  const one = table({ backupsIn: 2 });
  const plane = controlPlane([one]);
  const { id, data } = await useTable(plane, request(named));
  expect(one).toMatchObject({
    DeletionProtectionEnabled: true,
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
    ttl: { status: "ENABLED", attribute: "expiresAt" },
    recovers: true,
  });
  expect(one.tags).toEqual(new Map([["usher:stack-id", stackId]]));
  expect([id, data]).toEqual([
    "usher-restored",
    { TableName: "usher-restored", StreamArn: `${tableArn}/stream/2026-01-01T00:00:00.000` },
  ]);
});

test("a table that lacks nothing is claimed and left alone, and again", async () => {
  const plane = controlPlane([table()]);
  await useTable(plane, request(named));
  plane.writes.length = 0;
  await useTable(plane, request(named));
  expect(plane.writes).toEqual(["TagResource"]);
});

test("the table of events gets a stream of keys alone", async () => {
  const one = restored("events-restored", eventsTable);
  const plane = controlPlane([one]);
  const use: Use = { Kind: "events", TableName: "events-restored", TableArn: String(one.TableArn) };
  const StreamArn = `${one.TableArn}/stream/2026-01-01T00:00:00.000`;
  expect((await useTable(plane, request(use))).data).toEqual({ TableName: "events-restored", StreamArn });
  expect(one.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: "KEYS_ONLY" });
  expect(one.recovers).toBe(true);
});

test("a stream that tells more of an event than its keys is left as it is", async () => {
  const StreamSpecification = { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" as const };
  const LatestStreamArn = "arn:aws:dynamodb:eu-central-1:111122223333:table/events-restored/stream/x";
  const one = { ...restored("events-restored", eventsTable), StreamSpecification, LatestStreamArn };
  const use: Use = { Kind: "events", TableName: "events-restored", TableArn: String(one.TableArn) };
  const { data } = await useTable(controlPlane([one]), request(use));
  expect(data?.StreamArn).toBe(LatestStreamArn);
  expect(one.StreamSpecification).toEqual(StreamSpecification);
});

test("the one index that a later release has brought is begun", async () => {
  const former = { ...stateTable, indexes: stateTable.indexes.slice(0, 3) };
  const one = { ...restored("usher-restored", former) };
  await useTable(controlPlane([one]), request(named));
  expect(one.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(
    stateTable.indexes.map(({ name }) => name),
  );
});

const [firstIndex] = restored("x", stateTable).GlobalSecondaryIndexes ?? [];
const wrong: [string, ControlledTable[], RegExp][] = [
  ["a name that no table has", [], /no table usher-restored in this account and region.*list-tables/],
  ["a restore that is under way", [table({ TableStatus: "CREATING" })], /is CREATING.*wait table-exists/],
  ["the table of events in its place", [{ ...restored("usher-restored", eventsTable) }], /wrong way round/],
  [
    "a table of something else",
    [table({ KeySchema: [{ AttributeName: "id", KeyType: "HASH" }] })],
    /none of this kind/,
  ],
  ["a table without its indexes", [table({ GlobalSecondaryIndexes: [] })], /none of this kind/],
  [
    "a table that lacks two indexes",
    [table({ GlobalSecondaryIndexes: restored("x", stateTable).GlobalSecondaryIndexes?.slice(2) })],
    /lacks the indexes byListing, byEmail/,
  ],
  [
    "an index of other keys",
    [
      table({
        GlobalSecondaryIndexes: [
          { ...firstIndex, Projection: { ProjectionType: "ALL" } },
          ...(restored("x", stateTable).GlobalSecondaryIndexes?.slice(1) ?? []),
        ],
      }),
    ],
    /Index byListing .* other keys/,
  ],
  [
    "a stream of keys alone",
    [table({ StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" } })],
    /stream of KEYS_ONLY.*StreamEnabled=false/,
  ],
  [
    "items that expire by something else",
    [table({ ttl: { status: "ENABLED", attribute: "ttl" } })],
    /expire by ttl/,
  ],
  [
    "a time to live that is being turned off",
    [table({ ttl: { status: "DISABLING", attribute: "expiresAt" } })],
    /an hour later/,
  ],
];
for (const [what, tables, message] of wrong) {
  test(`${what} is refused, and nothing is changed`, async () => {
    const plane = controlPlane(tables);
    await expect(useTable(plane, request(named))).rejects.toThrow(message);
    expect(plane.writes).toEqual([]);
  });
}

test("a table of another stack that is there is refused, by either tag, and one of a stack that is gone is not", async () => {
  for (const tag of ["usher:stack-id", "aws:cloudformation:stack-id"]) {
    const taken = () => table({ tags: new Map([[tag, other]]) });
    const plane = controlPlane([taken()], { [other]: "UPDATE_COMPLETE" });
    await expect(useTable(plane, request(named))).rejects.toThrow(/another stack, .*usher-dev/);
    expect(plane.writes).toEqual([]);
    for (const stacks of [{}, { [other]: "DELETE_COMPLETE" }])
      expect(await useTable(controlPlane([taken()], stacks), request(named))).toMatchObject({
        id: "usher-restored",
      });
  }
});

test("a table that was given free by hand is taken, whoever made it", async () => {
  const tags = new Map([
    ["aws:cloudformation:stack-id", other],
    ["usher:stack-id", "none"],
  ]);
  const plane = controlPlane([table({ tags })], { [other]: "UPDATE_COMPLETE" });
  expect(await useTable(plane, request(named))).toMatchObject({ id: "usher-restored" });
});

test("a deploy that forgets the name fails with the word that it lacks", async () => {
  const plane = controlPlane([table()], { [stackId]: "UPDATE_IN_PROGRESS" });
  await expect(useTable(plane, update(named, own))).rejects.toThrow(
    /works on the table usher-restored.*-c stateTable=usher-restored.*-c stateTable=new/,
  );
});

test("an empty table that is asked for, and a deploy that is taken back, go through", async () => {
  const now = controlPlane([], { [stackId]: "UPDATE_IN_PROGRESS" });
  expect(await useTable(now, update(named, { ...own, IsNewWanted: "true" }))).toEqual({ id: "own" });
  const back = controlPlane([], { [stackId]: "UPDATE_ROLLBACK_IN_PROGRESS" });
  expect(await useTable(back, update(named, own))).toEqual({ id: "own" });
});

test("a stack that makes its tables itself asks nobody", async () => {
  const plane = controlPlane([]);
  expect(await useTable(plane, request(own))).toEqual({ id: "own" });
  expect(await useTable(plane, update({ ...own, IsNewWanted: "true" }, own))).toEqual({ id: "own" });
});

test("a stack that goes lets go of its table, and of no other's", async () => {
  const mine = table();
  const plane = controlPlane([mine]);
  await useTable(plane, request(named));
  const end = request(named, { RequestType: "Delete", PhysicalResourceId: "usher-restored" });
  expect(await useTable(plane, end)).toEqual({ id: "usher-restored" });
  expect(mine.tags).toEqual(new Map());
  mine.tags.set("usher:stack-id", other);
  await useTable(plane, end);
  expect(mine.tags.get("usher:stack-id")).toBe(other);
});

test("a table that is gone does not keep its stack from going", async () => {
  const end = request(named, { RequestType: "Delete", PhysicalResourceId: "usher-restored" });
  expect(await useTable(controlPlane([]), end)).toEqual({ id: "usher-restored" });
});
