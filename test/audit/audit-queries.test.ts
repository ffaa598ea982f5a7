import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { paginateQuery } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildDirectoryEvent } from "../../shared/audit/build-directory-event.ts";
import { buildEvent } from "../../shared/audit/build-event.ts";
import { createEventWriter } from "../../shared/aws/events/event-writer.ts";
import { fromItem } from "../../shared/aws/table/dynamodb-client.ts";
import type { Intent, Outcome } from "../../shared/model/attempt.ts";
import { eventTypes } from "../../shared/model/event.ts";
import { uuidV7 } from "../../shared/model/ids.ts";
import { startDynamoDb, type TestDynamoDb } from "../support/dynamodb.ts";
import { by, failed, intentAt, ofGroup, succeeded } from "./fixtures.ts";
import { queryCommandsOf, queryInputOf, shellWords } from "./shell-command.ts";

const markdown = await readFile(new URL("../../docs/audit-queries.md", import.meta.url), "utf8");
const commands = queryCommandsOf(markdown);

// The ids that the document uses as examples.
const integrationId = "01a15853-0cd0-7c52-8f5a-6b0d2f1c9e01";
const eventId = "01a1aafb-635b-7a10-9c4e-3f7a5d2b8c60";
const grace = "arn:aws:iam::123456789012:user/grace";
const importId = "import-2026-11-05";
const sourceId = "01a21df8-4c16-75d2-bdc8-704be5a07a5a";

const user = (id: string) => ({ resource: { type: "systemuser" as const, id, name: `${id}@example.com` } });
const byGrace = (correlation: string, requestedBy?: string): Pick<Intent, "actor"> => {
  const { actor } = by(grace);
  const asked = requestedBy === undefined ? {} : { requestedBy: { type: "admin", id: requestedBy } };
  return { actor: { ...actor, ...asked, correlation: { id: correlation, type: "user_import" } } };
};
const ofSource = { correlation: { id: "89e5a918-d20f-44f7-9f56-97a679cdc93d", type: "request" as const } };
const crowd = Array.from({ length: 120 }, (_, n) => `member-${String(n).padStart(3, "0")}`);

/** Names of the events, by which the expectations below call them. */
const story: Record<string, [Intent, (intent: Intent) => Outcome]> = {
  october: [
    intentAt("2026-10-31T23:59:59.999Z", { integrationId, ...user("zoe"), ...byGrace("old") }),
    succeeded,
  ],
  adaCreated: [
    intentAt("2026-11-05T09:12:40.000Z", {
      integrationId,
      ...user("ada.lovelace"),
      ...byGrace(importId, grace),
    }),
    succeeded,
  ],
  membersChanged: [
    intentAt("2026-11-05T09:12:44.123Z", {
      attemptId: eventId,
      integrationId,
      ...ofGroup("engineering"),
      ...byGrace(importId, "heidi"),
    }),
    (intent) => succeeded(intent, { added: ["ada.lovelace", ...crowd], removed: ["bob"] }),
  ],
  elsewhereDeprovisioned: [
    intentAt("2026-11-05T23:59:59.999Z", {
      ...user("carol"),
      ...by("hr-system"),
      eventType: "user_deprovision",
    }),
    succeeded,
  ],
  bobRefused: [
    intentAt("2026-11-06T00:00:00.000Z", {
      integrationId,
      ...user("bob"),
      ...by("hr-system"),
      eventType: "user_deprovision",
    }),
    failed,
  ],
  elsewhereRefused: [intentAt("2026-11-07T00:00:00.000Z", { ...user("dan"), ...by("hr-system") }), failed],
  closed: [
    intentAt("2026-11-08T08:00:00.050Z", {
      ...user("kim"),
      eventType: "user_deprovision",
      actor: { ...by("usher").actor, ...ofSource, requestedBy: { type: "source", id: sourceId } },
    }),
    succeeded,
  ],
  renamed: [
    intentAt("2026-11-09T00:00:00.000Z", { integrationId, ...ofGroup("engineering"), ...byGrace("rename") }),
    (intent) => succeeded(intent, { added: [], removed: [] }),
  ],
};

/** A change of the directory. */
const joined = buildDirectoryEvent(
  { type: "user_group", id: "finance", name: "Finance" },
  {
    eventId: uuidV7(Date.parse("2026-11-10T08:00:00.000Z")),
    type: "group_update",
    members: { added: ["frank"], removed: [] },
    authMethod: "iam",
    clientIp: "203.0.113.7",
    userAgent: "hr-sync/1.2",
  },
  {
    by: { type: "service", id: "hr-system" },
    at: "2026-11-10T08:00:00.000Z",
    correlation: { id: "hr-7", type: "request" },
  },
  { organization: "acme", retentionDays: 400 },
);

/** The one that a source has made, which closed an account. */
const said = buildDirectoryEvent(
  { type: "systemuser", id: "kim", name: "kim@example.com" },
  {
    eventId: uuidV7(Date.parse("2026-11-08T08:00:00.000Z")),
    type: "user_update",
    authMethod: "token",
    clientIp: "203.0.113.8",
    userAgent: "an identity provider",
  },
  { by: { type: "source", id: sourceId }, at: "2026-11-08T08:00:00.000Z", ...ofSource },
  { organization: "acme", retentionDays: 400 },
);

/** What each command of the document has to show, in the document's order. */
const answers: [heading: string, names: string[]][] = [
  ["What happened in one integration?", ["renamed", "bobRefused", "membersChanged", "adaCreated", "october"]],
  ["What happened in one integration?", ["adaCreated", "membersChanged", "bobRefused"]],
  ["What happened to one user?", ["membersChanged", "adaCreated"]],
  ["What happened to one group?", ["renamed", "membersChanged"]],
  ["Who was added to a group, or removed from it?", ["membersChanged"]],
  ["Who was added to a group, or removed from it?", ["ada.lovelace", "bob", ...crowd]],
  ["When did one kind of thing happen?", ["closed", "bobRefused", "elsewhereDeprovisioned"]],
  ["When did one kind of thing happen?", ["adaCreated", "elsewhereRefused"]],
  ["What was changed in the directory, and by whom?", ["joined", "said"]],
  ["What did one person or system do?", ["renamed", "membersChanged", "adaCreated", "october"]],
  ["What belongs to one correlation id?", ["adaCreated", "membersChanged"]],
  ["Who carried out what another had asked for?", ["membersChanged"]],
  ["Which request of an identity provider led to this?", ["said", "closed"]],
  ["Which request of an identity provider led to this?", ["said"]],
  ["What happened on one day, everywhere?", ["adaCreated", "membersChanged", "elsewhereDeprovisioned"]],
  ["What failed?", ["elsewhereRefused", "bobRefused"]],
  ["What failed?", ["bobRefused"]],
  ["One event by its id", ["membersChanged"]],
];

type Row = { id?: string; event_id?: string; user_id?: string; op?: string; error_message?: string } & Record<
  string,
  unknown
>;

let store: TestDynamoDb;
beforeAll(async () => {
  store = await startDynamoDb({ now: () => Date.parse("2026-11-20T12:00:00Z") });
  const writer = createEventWriter({ client: store.client, tableName: store.eventsTableName, shards: 1 });
  for (const [intent, outcomeOf] of Object.values(story))
    await writer.put(buildEvent(intent, outcomeOf(intent)));
  for (const event of [joined, said]) await writer.put(event);
});
afterAll(() => store.close());

const run = async (words: string[]): Promise<Row[]> => {
  const input = queryInputOf(words, { EVENTS_TABLE: store.eventsTableName });
  const rows: Row[] = [];
  for await (const { Items = [] } of paginateQuery({ client: store.client }, input))
    rows.push(...Items.map((item) => fromItem<Row>(item)));
  return rows;
};
const nameOf = (row: Row): string | undefined =>
  Object.entries({ joined, said }).find(([, { event }]) => event.id === row.id)?.[0] ??
  Object.entries(story).find(([, [{ attemptId }]]) => attemptId === (row.id ?? row.event_id))?.[0] ??
  row.user_id;

describe("docs/audit-queries.md", () => {
  it("asks every question that the answers here are for", () => {
    expect(commands.map(({ heading }) => heading)).toEqual(answers.map(([heading]) => heading));
  });

  it.each(answers.map(([heading, names], at) => ({ heading, names, at })))(
    "$at: $heading",
    async ({ names, at }) => {
      expect((await run(commands[at]!.words)).map(nameOf)).toEqual(names);
    },
  );

  it("shows whole events, and for a member a reference to the group's event", async () => {
    const [intent, outcomeOf] = story.adaCreated!;
    const [reference, own] = await run(commands[2]!.words);
    const {
      association,
      service,
      "@version": version,
      ...event
    } = buildEvent(intent, outcomeOf(intent)).event;
    expect([service, version, association?.op]).toEqual(["directory", "1", "add"]);
    expect(own).toMatchObject(event);
    for (const left of ["association", "service", "@version"]) expect(own).not.toHaveProperty([left]);
    expect(reference).toMatchObject({
      op: "added",
      resource: { type: "user_group", id: "engineering" },
      success: true,
    });
  });

  it("shows members with who changed them, cut at 100 with their total, and all of them by the event", async () => {
    const [change] = await run(commands[4]!.words);
    expect(change).toMatchObject({
      initiated_by: { id: grace },
      members_removed: ["bob"],
      members_added_total: 121,
    });
    expect(change?.members_added).toHaveLength(100);
    const members = await run(commands[5]!.words);
    expect(members.filter(({ op }) => op === "removed")).toEqual([{ user_id: "bob", op: "removed" }]);
  });

  it("shows failures with their reason", async () => {
    for (const row of await run(commands.find(({ heading }) => heading === "What failed?")!.words))
      expect(row.error_message).toContain("409");
  });

  it("derives an event's key from its id as the table does", async () => {
    const [, script] = /node -p '([^']+)'/.exec(markdown) ?? [];
    const printed = execFileSync(process.execPath, ["-p", script!], { encoding: "utf8" }).trim();
    expect(printed).toBe(`2026-11-05T09:12:44.123Z#${eventId}`);
    expect(commands.at(-1)!.words.join(" ")).toContain(`"${printed}"`);
  });

  it("names every event type, and the variables it is set up with", () => {
    const [, list] = /\| type \| what left it \|\n(.+?)\n\n/s.exec(markdown) ?? [];
    const named = list!.matchAll(/`(\w+)`/g);
    expect([...named].map(([, type]) => type).toSorted()).toEqual(eventTypes.toSorted());
    for (const part of [
      "EventsTableName",
      "export EVENTS_TABLE",
      ".usher/aws-keys.env",
      '--endpoint-url "$DYNAMODB_ENDPOINT"',
    ])
      expect(markdown).toContain(part);
  });
});

describe("the reading of a command", () => {
  it("follows the shell's quoting, and refuses what it does not know", () => {
    expect(shellWords(`a "b c"'d e' \\\n  --f '{"g":\n1}'`)).toEqual(["a", "b cd e", "--f", '{"g":\n1}']);
    for (const odd of ["a $(b)", "a | b", "a \\b", "a; b", "a `b`"])
      expect(() => shellWords(odd)).toThrow("shell syntax");
    expect(() => queryInputOf(shellWords("aws dynamodb query --limt 5"), {})).toThrow("unknown option");
    expect(() => queryInputOf(shellWords('aws dynamodb query --table-name "$NO"'), {})).toThrow(
      "unset variable",
    );
  });
});
