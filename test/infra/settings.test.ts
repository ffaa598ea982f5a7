import { App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { readSettings } from "../../infra/settings.ts";

const certificateArn =
  "arn:aws:acm:eu-central-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef";
const read = (context: Record<string, unknown>) => readSettings(new App({ context }).node);

describe("settings", () => {
  test("without context are the defaults", () => {
    expect(read({})).toEqual({
      stackName: "usher",
      organization: "usher",
      retentionDays: 400,
      eventShards: 1,
      callers: { kind: "iam" },
      recoveryConcurrency: 1,
      workers: 10,
      alarmTopicArn: undefined,
      tables: { state: { isNewWanted: false }, events: { isNewWanted: false } },
      hashKeyArn: undefined,
      terminationProtection: true,
      alarmEmails: [],
      webhook: undefined,
      logLevel: "info",
      rateLimit: 50,
      burstLimit: 100,
      logDays: 90,
      accessLogDays: 400,
      dashboard: true,
      publicUrl: undefined,
      domain: undefined,
      tags: {},
    });
  });

  test("take text from the command line and numbers from cdk.json alike", () => {
    expect(read({ retentionDays: "30", eventShards: 4, stage: "prod" })).toMatchObject({
      retentionDays: 30,
      eventShards: 4,
      stackName: "usher-prod",
    });
  });

  const jwt = { issuer: "https://login.example.com/", audience: "a" };

  test("with issuer and audience ask for a token, with a scope for each role", () => {
    expect(read({ ...jwt, audience: "a, b" }).callers).toEqual({
      kind: "jwt",
      issuer: "https://login.example.com/",
      audience: ["a", "b"],
      scopes: { read: "usher.read", provision: "usher.provision", admin: "usher.admin" },
    });
    const named = { readScope: "usher/look", adminScope: "https://usher.example.com/all" };
    expect(read({ ...jwt, ...named }).callers).toMatchObject({
      scopes: { read: "usher/look", provision: "usher.provision", admin: "https://usher.example.com/all" },
    });
  });

  test("take one address for alarms, or several with commas", () => {
    expect(read({ alarmEmail: "ops@example.com" }).alarmEmails).toEqual(["ops@example.com"]);
    const two = "ops@example.com, on-call@example.com";
    expect(read({ alarmEmail: two }).alarmEmails).toEqual(["ops@example.com", "on-call@example.com"]);
  });

  test("take tags as text from the command line, and as a record from cdk.json", () => {
    const tags = { Team: "IT", Equation: "a=b" };
    expect(read({ tags: "Team=IT, Equation=a=b" }).tags).toEqual(tags);
    expect(read({ tags }).tags).toEqual(tags);
  });

  test("take yes and no as text and as they are", () => {
    const domain = { domainName: "usher.example.com", certificateArn };
    for (const domainOnly of [true, "true"])
      expect(read({ ...domain, domainOnly }).domain?.isOnly).toBe(true);
    for (const domainOnly of [false, "false"])
      expect(read({ ...domain, domainOnly }).domain?.isOnly).toBe(false);
  });

  test("take the address of a webhook, or the secret that holds it", () => {
    const url = "https://hooks.example.com/services/T0/B0?key=k";
    expect(read({ notifyUrl: url }).webhook).toEqual({ kind: "url", url });
    const secretArn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:usher/hook-AbC123";
    expect(read({ notifyUrl: secretArn }).webhook).toEqual({ kind: "secret", secretArn });
  });

  const badHooks = [
    "http://hooks.example.com/hush-4711",
    "https://10.0.0.1/hush-4711",
    "https://localhost/hush-4711",
    "https://ada:hush-4711@hooks.example.com/",
    "arn:aws:secretsmanager:eu-central-1:111122223333:secret:hush-4711-too-short",
    "hush-4711",
  ];
  for (const notifyUrl of badHooks)
    test(`refuse ${notifyUrl} as a webhook, by name and without repeating it`, () => {
      expect(() => read({ notifyUrl })).toThrow(/notifyUrl/);
      expect(() => read({ notifyUrl })).not.toThrow(/hush-4711/);
    });

  for (const missing of ["issuer", "audience"]) {
    test(`refuse a token check without ${missing}`, () => {
      const context = Object.fromEntries(Object.entries(jwt).filter(([name]) => name !== missing));
      expect(() => read(context)).toThrow(/issuer and audience together/);
    });
  }

  test("refuse the one scope of before, and say what to do", () => {
    for (const context of [{ ...jwt, scope: "usher.call" }, { scope: "" }])
      expect(() => read(context)).toThrow(
        /scope is no option any more.+Leave it out.+usher\.read, usher\.provision or usher\.admin/,
      );
  });

  test("name tables and a key that are there, or ask for an empty table", () => {
    const hashKey =
      "arn:aws:secretsmanager:eu-central-1:111122223333:secret:usher/usher/idempotency-key-AbCdEf";
    expect(read({ stateTable: "usher-restored", eventsTable: "new", hashKey })).toMatchObject({
      tables: { state: { name: "usher-restored" }, events: { isNewWanted: true } },
      hashKeyArn: hashKey,
    });
  });

  test("lift the termination protection by word alone", () => {
    expect(read({ terminationProtection: "false" }).terminationProtection).toBe(false);
    expect(read({ terminationProtection: false }).terminationProtection).toBe(false);
  });

  const wrong: [string, Record<string, unknown>, RegExp][] = [
    ["an empty value, as from an unset variable", { issuer: "", audience: "" }, /issuer/],
    ["an issuer without https", { ...jwt, issuer: "http://login.example.com/" }, /issuer/],
    ["an audience with an empty entry", { ...jwt, audience: "a,,b" }, /audience/],
    ["two scopes", { ...jwt, readScope: "a b" }, /readScope/],
    ["a scope in brackets", { ...jwt, adminScope: "[a]" }, /adminScope/],
    ["a scope of nothing", { ...jwt, provisionScope: " " }, /provisionScope/],
    ["one scope for two roles", { ...jwt, readScope: "a", adminScope: "a" }, /have to differ/],
    ["a scope that is another's default", { ...jwt, readScope: "usher.admin" }, /have to differ/],
    ["scopes of IAM callers", { adminScope: "a" }, /issuer and audience/],
    ["a retention of no days", { retentionDays: "0" }, /retentionDays/],
    ["a retention that is no number", { retentionDays: "a year" }, /retentionDays/],
    ["half a shard", { eventShards: "1.5" }, /eventShards/],
    ["a single worker, which no trigger of a queue takes", { workers: "1" }, /workers/],
    ["a stage that no stack could be named after", { stage: "Prod_1" }, /stage/],
    ["one table for both", { stateTable: "usher", eventsTable: "usher" }, /same table/],
    ["the ARN of a table", { stateTable: "arn:aws:dynamodb:eu-central-1:1:table/usher" }, /stateTable/],
    ["a key by its name", { hashKey: "usher/usher/idempotency-key" }, /hashKey/],
    ["a protection of maybe", { terminationProtection: "maybe" }, /terminationProtection/],
    ["a log level that there is not", { logLevel: "verbose" }, /logLevel/],
    ["a topic that is no ARN", { alarmTopic: "ops" }, /alarmTopic/],
    ["a queue as a topic", { alarmTopic: "arn:aws:sqs:eu-central-1:111122223333:ops" }, /alarmTopic/],
    ["an address that is none, among others", { alarmEmail: "ops@example.com, ops" }, /alarmEmail/],
    ["no address", { alarmEmail: "" }, /alarmEmail/],
    ["days that CloudWatch Logs does not know", { logDays: "100" }, /logDays/],
    ["a log that is kept for ever", { accessLogDays: "9999" }, /accessLogDays/],
    ["no calls at all", { rateLimit: "0" }, /rateLimit/],
    ["a tag without a value", { tags: "Team" }, /tags/],
    ["no tags", { tags: "" }, /tags/],
    ["a tag of a name that AWS keeps for itself", { tags: { "aws:team": "IT" } }, /tags/],
    [
      "a role as a boundary",
      { permissionsBoundary: "arn:aws:iam::111122223333:role/x" },
      /permissionsBoundary/,
    ],
    ["a name without its certificate", { domainName: "usher.example.com" }, /domainName and certificateArn/],
    ["a certificate without a name", { certificateArn }, /domainName and certificateArn/],
    ["a zone without a name", { hostedZoneId: "Z0123456789ABC" }, /hostedZoneId/],
    ["no name at all, the given one closed", { domainOnly: "true" }, /domainOnly/],
    [
      "an address in place of a name",
      { domainName: "https://usher.example.com", certificateArn },
      /domainName/,
    ],
    ["neither yes nor no", { domainName: "usher.example.com", certificateArn, domainOnly: "" }, /domainOnly/],
  ];
  for (const [what, context, message] of wrong) {
    test(`refuse ${what}, by name`, () => expect(() => read(context)).toThrow(message));
  }
});
