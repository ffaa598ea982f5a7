import type { Context, DynamoDBRecord } from "aws-lambda";
import { afterEach, expect, test, vi } from "vitest";
import { handler } from "../../functions/report-tampering.ts";
import { keyOfEvent, keysOfReference } from "../../shared/aws/events/event-keys.ts";
import { idOf, synthesize } from "./support.ts";

const { template } = synthesize();
const events = idOf(template, "AWS::DynamoDB::Table", "EventsTable");
const mapping = Object.values(template.findResources("AWS::Lambda::EventSourceMapping"))
  .map(({ Properties: properties }) => properties)
  .find(({ EventSourceArn }) => JSON.stringify(EventSourceArn).includes(events));
const patterns: object[] = mapping?.FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) =>
  JSON.parse(Pattern),
);

/** As Lambda filters: every field of the pattern has to match, by any of its values. */
const matches = (pattern: object, value: unknown): boolean =>
  Object.entries(pattern).every(([name, wanted]) => {
    const field = (value as Record<string, unknown> | null | undefined)?.[name];
    return Array.isArray(wanted) ? wanted.some((one) => isOne(one, field)) : matches(wanted, field);
  });

const isOne = (wanted: unknown, field: unknown): boolean => {
  if (typeof wanted === "string") return field === wanted;
  const [[operator, argument] = []] = Object.entries(wanted as Record<string, unknown>);
  if (operator === "exists") return (field !== undefined) === argument;
  // Of a field that is not there it says nothing.
  if (operator === "anything-but") return field !== undefined && !(argument as unknown[]).includes(field);
  throw new Error(`${operator} is not known here`);
};

const event = { id: "0197a3c0-1111-7abc-8def-0123456789ab", timestamp: "2025-06-24T15:01:02.000Z" };
const keysOf = ({ pk, sk }: { pk: string; sk: string }) => ({ pk: { S: pk }, sk: { S: sk } });
const record = (
  eventName: "INSERT" | "MODIFY" | "REMOVE",
  more: Partial<DynamoDBRecord> = {},
  Keys = keysOf(keyOfEvent(event, 1)),
): DynamoDBRecord => ({
  eventID: "c9fbe7d0261a5163fcb6940593e41797",
  eventName,
  eventVersion: "1.1",
  eventSource: "aws:dynamodb",
  awsRegion: "eu-central-1",
  dynamodb: {
    ApproximateCreationDateTime: 1_750_777_300,
    Keys,
    SequenceNumber: "700000000000888747038",
    SizeBytes: 67,
    StreamViewType: "KEYS_ONLY",
  },
  eventSourceARN:
    "arn:aws:dynamodb:eu-central-1:111122223333:table/usher-EventsTable/stream/2025-06-01T00:00:00.000",
  ...more,
});
const expired = record("REMOVE", {
  userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" },
});

afterEach(() => vi.restoreAllMocks());

/** What the Lambda writes for the records that the trigger lets through to it. */
const tell = async (records: DynamoDBRecord[], filters = patterns) => {
  const written: { out: string[]; err: string[] } = { out: [], err: [] };
  vi.spyOn(process.stdout, "write").mockImplementation((text) => written.out.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => written.err.push(String(text)) > 0);
  const Records = records.filter((one) => filters.some((pattern) => matches(pattern, one)));
  const context = { awsRequestId: "req-1" } as Context;
  expect(Records.length === 0 || (await handler({ Records }, context))).toEqual(
    Records.length === 0 || { batchItemFailures: [] },
  );
  return {
    figures: written.out.map((line) => JSON.parse(line).EventsTampered),
    lines: written.err.map((line) => JSON.parse(line)),
  };
};

test("an event that was put over another one is told, by its id", async () => {
  expect(await tell([record("MODIFY")])).toEqual({
    figures: [1],
    lines: [
      {
        timestamp: expect.any(String),
        level: "error",
        message: "event-tampered",
        requestId: "req-1",
        change: "changed",
        eventId: event.id,
        isReference: false,
        at: "2025-06-24T15:01:40.000Z",
      },
    ],
  });
});

const identities: [string, Partial<DynamoDBRecord>][] = [
  ["of nobody", {}],
  ["that is null", { userIdentity: null }],
  [
    "of another service",
    { userIdentity: { type: "Service", principalId: "replication.dynamodb.amazonaws.com" } },
  ],
];
for (const [whose, more] of identities)
  test(`an event that was removed is told, with an identity ${whose}`, async () => {
    const { figures, lines } = await tell([record("REMOVE", more)]);
    expect(figures).toEqual([1]);
    expect(lines).toMatchObject([{ change: "removed", eventId: event.id }]);
  });

test("events that are written, and those that have expired, wake nobody", async () => {
  expect(await tell([record("INSERT"), expired])).toEqual({ figures: [], lines: [] });
});

test("nor are they told where the trigger lets them through", async () => {
  expect(await tell([record("INSERT"), expired], [{}])).toEqual({ figures: [], lines: [] });
});

test("what lists an event among a member's is told without naming the member", async () => {
  const { lines } = await tell([record("REMOVE", {}, keysOf(keysOfReference(event, "ada@example.com")))]);
  expect(lines).toMatchObject([{ eventId: event.id, isReference: true }]);
  expect(JSON.stringify(lines)).not.toContain("ada");
});

test("a key or a record of another form is told as well, and repeated nowhere", async () => {
  const odd = keysOf({ pk: "ada@example.com", sk: "ada@example.com#ada@example.com" });
  const { figures, lines } = await tell([
    record("MODIFY", {}, odd),
    { eventName: "REMOVE" },
    { eventName: "MODIFY", dynamodb: {} },
    record("MODIFY"),
  ]);
  expect(figures).toEqual([4]);
  expect(lines.map(({ eventId }) => eventId)).toEqual([undefined, undefined, undefined, event.id]);
  expect(JSON.stringify(lines)).not.toContain("ada");
});

test("a record that cannot be taken stops none behind it, and ends among the dead letters", () => {
  expect(mapping).toMatchObject({
    FunctionName: { Ref: idOf(template, "AWS::Lambda::Function", "reporttamperingFunction") },
    StartingPosition: "TRIM_HORIZON",
    MaximumRetryAttempts: 3,
    BisectBatchOnFunctionError: true,
    DestinationConfig: {
      OnFailure: { Destination: { "Fn::GetAtt": [idOf(template, "AWS::SQS::Queue", "DeadLetters"), "Arn"] } },
    },
  });
});

test("of a table that is named, too, the stream is watched", () => {
  const { template: adopted } = synthesize({ eventsTable: "events-restored" });
  adopted.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
    EventSourceArn: { "Fn::GetAtt": ["EventsTableInUse", "StreamArn"] },
  });
});
