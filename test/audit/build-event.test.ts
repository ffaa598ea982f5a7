import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildEvent } from "../../shared/audit/build-event.ts";
import { toItem } from "../../shared/aws/table/dynamodb-client.ts";
import { type Intent, type Outcome, timesOfAttempt } from "../../shared/model/attempt.ts";
import { attemptEventTypes, type Change, eventSchema } from "../../shared/model/event.ts";
import { uuidV7 } from "../../shared/model/ids.ts";
import type { JsonValue } from "../../shared/model/json.ts";
import { failed, intentAt, ofGroup, retentionDays, succeeded } from "./fixtures.ts";

const at = "2026-11-05T09:12:44.123Z";

describe("the document", () => {
  it("of a user that was created", () => {
    const intent = intentAt(at);
    expect(buildEvent(intent, succeeded(intent))).toEqual({
      expiresAt: Date.parse(at) / 1000 - 0.123 + retentionDays * 86_400,
      event: {
        id: intent.attemptId,
        timestamp: at,
        "@version": "1",
        service: "directory",
        event_type: "user_create_provision",
        organization: "acme",
        success: true,
        initiated_by: { type: "admin", id: "grace", email: "grace@example.com" },
        auth_method: "iam",
        client_ip: "203.0.113.7",
        useragent: "curl/8.9.1",
        application: { id: "int-strongdm", name: "strongDM", display_label: "strongDM prod" },
        idm_client_id: "int-strongdm",
        resource: { type: "systemuser", id: "ada", username: "ada@example.com" },
        changes: [{ field: "userName", to: "ada@example.com" }],
        association: {
          op: "add",
          connection: {
            from: { type: "systemuser", object_id: "ada", name: "ada@example.com" },
            to: { type: "application", object_id: "int-strongdm", name: "strongDM" },
          },
        },
        correlation: { id: "sync-7", type: "request" },
        message_chain: { response_code: 201, response_message: "Created", message_details: [] },
        reason: "TICKET-12",
      },
    });
  });

  it("of a failure says why, in our words and in the provider's, with the notes after them", () => {
    const intent = intentAt(at);
    const { event } = buildEvent(intent, { ...failed(intent), notes: ["outcome unknown"] });
    expect(event).toMatchObject({
      success: false,
      error_message: "The service provider refused the user: 409 Conflict.",
      message_chain: { response_code: 409, message_details: ["userName is taken", "outcome unknown"] },
    });
  });

  it("of a group names it, and lists its members; the record keeps all of them", () => {
    const intent = intentAt(at, ofGroup("eng"));
    const added = Array.from({ length: 130 }, (_, n) => `user-${n}`);
    const { event, memberUserIds } = buildEvent(intent, succeeded(intent, { added, removed: ["bob"] }));
    expect(event).toMatchObject({
      resource: { type: "user_group", id: "eng", name: "eng" },
      members_added: added.slice(0, 100),
      members_added_total: 130,
      members_removed: ["bob"],
    });
    expect(event).not.toHaveProperty("members_removed_total");
    expect(memberUserIds).toEqual({ added, removed: ["bob"] });
  });

  it("of an integration connects nothing", () => {
    const resource = { type: "application" as const, id: "int-strongdm", name: "strongDM" };
    const intent = intentAt(at, { resource, eventType: "idm_integration_reauth" });
    const { event } = buildEvent(intent, {
      ...succeeded(intent),
      changes: [{ field: "token", from: "a", to: "b" }],
    });
    expect(event).not.toHaveProperty("association");
    expect(event.resource).toEqual({ type: "application", id: "int-strongdm", name: "strongDM" });
    expect(event.changes).toEqual([{ field: "token" }]);
  });
});

describe("any intent and outcome", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom("", "\u0000".repeat(3000), "😀".repeat(3000), "\ud800", "漢".repeat(1000)),
  );
  const json = fc.oneof(
    fc.json().map((source) => JSON.parse(source) as JsonValue),
    text,
  );
  const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 6, size: "max" });
  const many = <T>(item: fc.Arbitrary<T>) =>
    fc
      .tuple(list(item), fc.constantFrom(1, 1, 30, 120))
      .map(([items, times]) => Array.from({ length: times }, () => items).flat());
  const start = fc.integer({ min: 0, max: Date.parse("9999-01-01T00:00:00Z") });
  const intent: fc.Arbitrary<Intent> = fc
    .record({
      actor: fc.record({
        initiatedBy: fc.record({ type: text, id: text, email: text }),
        authMethod: text,
        clientIp: text,
        userAgent: text,
        correlation: fc.record({ id: text, type: text }),
        reason: text,
      }),
      organization: text,
      integrationId: text,
      application: fc.record({ id: text, name: text, displayLabel: text }),
      resource: fc.record({
        type: fc.constantFrom("systemuser" as const, "user_group" as const, "application" as const),
        id: text,
        name: text,
      }),
      eventType: fc.constantFrom(...attemptEventTypes),
      changes: fc.constant<Change[]>([]),
      step: fc.constantFrom("lookup" as const, "write" as const),
      start,
    })
    .map(({ start, ...rest }) => {
      const attemptId = uuidV7(start);
      return { ...rest, attemptId, ...timesOfAttempt(attemptId, retentionDays) };
    });
  const outcome = fc
    .record({
      eventType: fc.constantFrom(...attemptEventTypes),
      changes: many(fc.record({ field: text, from: json, to: json }, { requiredKeys: ["field"] })),
      answer: fc.record({ status: fc.integer({ min: 100, max: 599 }), message: text, details: many(text) }),
      members: fc.record({ added: many(text), removed: many(text) }),
      notes: many(text),
      success: fc.boolean(),
      errorMessage: text,
    })
    .map((generated) => generated as Outcome);

  it("makes an event of the schema, under 300 KB, that can be stored", () => {
    let largest = 0;
    fc.assert(
      fc.property(intent, outcome, (begun, ended) => {
        const { event } = buildEvent(begun, ended);
        expect(eventSchema.safeParse(event).error).toBeUndefined();
        const bytes = Buffer.byteLength(JSON.stringify(event));
        largest = Math.max(largest, bytes);
        expect(bytes).toBeLessThan(300_000);
        expect(() => toItem(event)).not.toThrow();
      }),
      { numRuns: 60 },
    );
    // The limit was put to the test: without cuts these would be megabytes.
    expect(largest).toBeGreaterThan(50_000);
  });

  it("makes the same event of the same attempt", () => {
    fc.assert(
      fc.property(intent, outcome, (begun, ended) => {
        expect(buildEvent(structuredClone(begun), structuredClone(ended))).toEqual(buildEvent(begun, ended));
      }),
      { numRuns: 20 },
    );
  });
});

it("the worst of everything stays under 300 KB", () => {
  const worst = "\u0001漢".repeat(50_000);
  const intent = intentAt(at, {
    actor: {
      initiatedBy: { type: worst, id: worst, email: worst },
      authMethod: worst,
      clientIp: worst,
      userAgent: worst,
      correlation: { id: worst, type: worst },
      reason: worst,
    },
    organization: worst,
    integrationId: worst,
    application: { id: worst, name: worst, displayLabel: worst },
    resource: { type: "user_group", id: worst, name: worst },
  });
  const many = Array.from({ length: 1000 }, () => worst.slice(0, 400));
  const { event } = buildEvent(intent, {
    success: false,
    errorMessage: worst,
    eventType: "group_update_provision",
    changes: many.map((field) => ({ field, from: field, to: field })),
    answer: { status: 500, message: worst, details: many },
    members: { added: many, removed: many },
  });
  const bytes = Buffer.byteLength(JSON.stringify(event));
  expect(bytes).toBeGreaterThan(200_000);
  expect(bytes).toBeLessThan(300_000);
});
