import type { Template } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import { functionOf, idOf, plain, resourcesOf, statementsOf, synthesize } from "./support.ts";

const arnOf = (name: string) => `arn:<AWS::Partition>:dynamodb:<AWS::Region>:<AWS::AccountId>:table/${name}`;
const hashKey = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:usher/usher/idempotency-key-AbCdEf";

const variants: Record<string, Record<string, string>> = {
  "a running stack onto a restored state table": { stateTable: "usher-restored" },
  "a restored table of events alone": { eventsTable: "events-restored" },
  "a lost stack onto its tables and its key": {
    stateTable: "usher-state",
    eventsTable: "usher-events",
    hashKey,
  },
  "an empty table after one that was named": { stateTable: "new", eventsTable: "usher-events" },
};

const environments = (template: Template): Map<string, Record<string, unknown>> =>
  new Map(
    Object.entries(template.findResources("AWS::Lambda::Function")).map(([id, one]) => [
      id,
      one.Properties.Environment?.Variables ?? {},
    ]),
  );

/** Logical ids that a resource waits for, directly or through others. */
const behind = (template: Template, id: string): Set<string> => {
  const resources = resourcesOf(template) as Record<string, object>;
  const found = new Set<string>();
  const visit = (one: string) => {
    for (const other of Object.keys(resources)) {
      if (found.has(other) || !JSON.stringify(resources[one]).includes(`"${other}"`)) continue;
      found.add(other);
      visit(other);
    }
  };
  visit(id);
  return found;
};

for (const [what, context] of Object.entries(variants)) {
  const { template, stack } = synthesize(context);
  const isNamed = (name: string | undefined) => name !== undefined && name !== "new";
  const named = Object.fromEntries(Object.entries(context).filter(([, name]) => isNamed(name)));

  describe(what, () => {
    test("makes the tables that are not named, and no other", () => {
      const made = Object.keys(template.findResources("AWS::DynamoDB::Table")).map((id) =>
        id.replace(/Table.*/, ""),
      );
      const wanted = ["State", "Events"].filter((kind) => named[`${kind.toLowerCase()}Table`] === undefined);
      expect(made.sort()).toEqual(wanted.sort());
    });

    test("tells no Lambda of the tables before they were looked at, and of the state before it is paused", () => {
      const state = named.stateTable && "<PauseRestored.TableName>";
      const events = named.eventsTable && "<EventsTableInUse.TableName>";
      for (const [id, variables] of environments(template)) {
        if (variables.STATE_TABLE !== undefined)
          expect(plain(variables.STATE_TABLE)).toBe(
            id.startsWith("pauserestored")
              ? "<StateTableInUse.TableName>"
              : (state ?? `<${idOf(template, "AWS::DynamoDB::Table", "StateTable")}>`),
          );
        if (variables.EVENTS_TABLE !== undefined && events)
          expect(plain(variables.EVENTS_TABLE)).toBe(events);
      }
    });

    test("grants nothing on a table that is not in use, and its upkeep to the one Lambda that adopts", () => {
      const upkeep = statementsOf(template).filter(({ actions }) => actions.includes("dynamodb:UpdateTable"));
      const names = [named.stateTable, named.eventsTable].filter((name) => name !== undefined);
      expect(upkeep.map(({ owner, resources }) => ({ owner, resources: resources.toSorted() }))).toEqual([
        { owner: functionOf(template, "adopt-table").role, resources: names.map(arnOf).toSorted() },
      ]);
      expect(upkeep[0]?.actions).not.toContain("dynamodb:DeleteTable");
    });

    test("is clean for cdk-nag", () => {
      expect(new AwsSolutionsChecks().validateScope(stack).violations).toEqual([]);
    });
  });
}

describe("a state table that is named", () => {
  const { template } = synthesize({ stateTable: "usher-restored" });

  test("is looked at, then paused, before the schedule, the stream and the queue can wake anybody", () => {
    const handlers = ["recover-attempts", "dispatch-changes", "drain-integration", "provision-user"];
    for (const name of handlers) {
      const id = idOf(template, "AWS::Lambda::Function", `${name.replaceAll("-", "")}Function`);
      expect(behind(template, id)).toContain("PauseRestored");
    }
    expect(behind(template, "PauseRestored")).toContain("StateTableInUse");
    const mapping = Object.values(template.findResources("AWS::Lambda::EventSourceMapping")).find(
      (one) => one.Properties.StartingPosition,
    );
    expect(plain(mapping?.Properties.EventSourceArn)).toBe("<StateTableInUse.StreamArn>");
  });

  test("is asked about again where a release brings another index", () => {
    template.hasResourceProperties("Custom::UsherTable", {
      Kind: "state",
      TableName: "usher-restored",
      Indexes: "byListing byEmail byAttempt byWork",
    });
  });

  test("is paused by a Lambda that works on items and changes no table", () => {
    const { role } = functionOf(template, "pause-restored");
    const actions = statementsOf(template)
      .filter(({ owner }) => owner === role)
      .flatMap((statement) => statement.actions);
    expect(actions).not.toContain("dynamodb:UpdateTable");
    expect(actions).not.toContain("secretsmanager:GetSecretValue");
    expect(actions).toContain("dynamodb:UpdateItem");
  });
});

describe("a stack with tables of its own", () => {
  const { template } = synthesize();

  test("asks first whether a name was forgotten, then makes the tables, with its id on them", () => {
    for (const kind of ["State", "Events"]) {
      const id = idOf(template, "AWS::DynamoDB::Table", `${kind}Table`);
      const table = resourcesOf(template)[id] as { DependsOn?: string[]; Properties?: { Tags?: object[] } };
      expect(table.DependsOn).toContain(`${kind}TableInUse`);
      expect(table.Properties?.Tags).toContainEqual({
        Key: "usher:stack-id",
        Value: { Ref: "AWS::StackId" },
      });
    }
  });

  test("pauses nothing, and its adopting Lambda may ask for its own stack alone", () => {
    expect(template.findResources("Custom::UsherPause")).toEqual({});
    const { role } = functionOf(template, "adopt-table");
    const grants = statementsOf(template).filter(
      ({ owner, actions }) => owner === role && !actions[0]?.startsWith("logs:"),
    );
    expect(grants.map(({ actions, resources }) => [actions, resources])).toEqual([
      [["cloudformation:DescribeStacks"], ["<AWS::StackId>"]],
    ]);
  });

  test("makes no table where the key of an earlier stack is in the way", () => {
    for (const id of ["StateTableInUse", "EventsTableInUse"])
      expect(behind(template, id)).toContain(idOf(template, "AWS::SecretsManager::Secret", "IdempotencyKey"));
  });

  test("takes a key that is there by its whole ARN, and grants that one alone", () => {
    const { template: adopted } = synthesize({ hashKey });
    adopted.resourceCountIs("AWS::SecretsManager::Secret", 0);
    const { environment } = functionOf(adopted, "activate-integration");
    expect(environment.IDEMPOTENCY_SECRET_ID).toBe(hashKey);
    const granted = statementsOf(adopted).filter(({ resources }) => resources.includes(hashKey));
    expect(new Set(granted.flatMap(({ actions }) => actions))).toEqual(
      new Set(["secretsmanager:GetSecretValue"]),
    );
    expect(granted.length).toBeGreaterThan(0);
  });
});
