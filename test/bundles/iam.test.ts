import { describe, expect, test } from "vitest";
import { asksOfDynamoDb } from "./aws/asks.ts";
import { fitsPattern } from "./events/event-filter.ts";
import { type Ask, conditionHolds, evaluate, matches } from "./iam/evaluate.ts";
import { statementsIn } from "./iam/policy.ts";
import type { DeployedTable } from "./stack/deployed.ts";

const table = "arn:aws:dynamodb:us-east-1:000000000000:table/things";
const ask = (action: string, keys?: string[], resource = table): Ask => ({
  action,
  resource,
  context: keys ? { "dynamodb:LeadingKeys": keys } : {},
});
const keysLike = (...patterns: string[]) => ({
  "ForAllValues:StringLike": { "dynamodb:LeadingKeys": patterns },
});

describe("a policy", () => {
  test("allows nothing that it does not name", () => {
    const statements = statementsIn({
      Statement: { Effect: "Allow", Action: "dynamodb:GetItem", Resource: table },
    });
    expect(evaluate(statements, ask("dynamodb:GetItem")).isAllowed).toBe(true);
    expect(evaluate(statements, ask("dynamodb:PutItem")).isAllowed).toBe(false);
    expect(evaluate(statements, ask("dynamodb:GetItem", [], `${table}/index/one`)).isAllowed).toBe(false);
    expect(evaluate([], ask("dynamodb:GetItem")).isAllowed).toBe(false);
  });

  test("denies what one statement denies, whatever another allows", () => {
    const statements = statementsIn({
      Statement: [
        { Effect: "Allow", Action: "dynamodb:*", Resource: "*" },
        { Effect: "Deny", Action: "dynamodb:Delete*", Resource: table },
      ],
    });
    expect(evaluate(statements, ask("dynamodb:GetItem")).isAllowed).toBe(true);
    expect(evaluate(statements, ask("dynamodb:DeleteItem")).isAllowed).toBe(false);
  });

  test("holds every key of a batch to its patterns", () => {
    const statements = statementsIn({
      Statement: {
        Effect: "Allow",
        Action: "dynamodb:BatchGetItem",
        Resource: table,
        Condition: keysLike("USER#*", "ONE"),
      },
    });
    expect(evaluate(statements, ask("dynamodb:BatchGetItem", ["USER#a", "ONE"])).isAllowed).toBe(true);
    expect(evaluate(statements, ask("dynamodb:BatchGetItem", ["USER#a", "GUARD#b"])).isAllowed).toBe(false);
    expect(evaluate(statements, ask("dynamodb:BatchGetItem", ["ONE#a"])).isAllowed).toBe(false);
  });

  test("of patterns alone allows what names no key at all, and with Null does not", () => {
    const of = (condition: object) =>
      statementsIn({
        Statement: { Effect: "Allow", Action: "dynamodb:*", Resource: table, Condition: condition },
      });
    const open = of(keysLike("USER#*"));
    const closed = of({ ...keysLike("USER#*"), Null: { "dynamodb:LeadingKeys": "false" } });
    expect(evaluate(open, ask("dynamodb:Scan")).isAllowed).toBe(true);
    expect(evaluate(closed, ask("dynamodb:Scan")).isAllowed).toBe(false);
    expect(evaluate(closed, ask("dynamodb:GetItem", ["USER#a"])).isAllowed).toBe(true);
  });

  test("tells which part of it was used", () => {
    const [statement] = statementsIn({
      Statement: {
        Effect: "Allow",
        Action: ["dynamodb:GetItem", "dynamodb:Query"],
        Resource: [table],
        Condition: keysLike("USER#*", "GROUP#*"),
      },
    });
    expect(evaluate(statement ? [statement] : [], ask("dynamodb:GetItem", ["USER#a"])).used).toEqual([
      { statement, action: "dynamodb:GetItem", resource: table, pattern: "USER#*" },
    ]);
  });

  test("that means more than is read here is refused", () => {
    expect(() =>
      statementsIn({ Statement: { Effect: "Allow", NotAction: "dynamodb:GetItem", Resource: "*" } }),
    ).toThrow("NotAction");
    expect(() => conditionHolds("IpAddress", ["192.0.2.1"], ["192.0.2.0/24"])).toThrow("IpAddress");
  });
});

test.each([
  ["NumericGreaterThanEquals", ["7"], ["7"], true],
  ["NumericGreaterThanEquals", ["6"], ["7"], false],
  ["NumericGreaterThanEquals", undefined, ["7"], false],
  ["Bool", undefined, ["true"], false],
  ["Null", undefined, ["true"], true],
  ["ForAnyValue:StringEquals", ["a", "b"], ["b"], true],
  ["ForAllValues:StringEquals", ["a", "b"], ["b"], false],
] as const)("the condition %s of %j against %j is %s", (operator, given, wanted, holds) => {
  expect(conditionHolds(operator, given && [...given], [...wanted])).toBe(holds);
});

test("a wildcard stands for any characters, and a dot for itself", () => {
  expect(matches("a*c.?", "abbc.d")).toBe(true);
  expect(matches("a.c", "abc")).toBe(false);
  expect(matches("USER#*", "USER#")).toBe(true);
  expect(matches("USER#*", "XUSER#a")).toBe(false);
});

describe("what DynamoDB asks", () => {
  const tables: DeployedTable[] = [
    {
      name: "things",
      arn: table,
      properties: {
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        GlobalSecondaryIndexes: [
          { IndexName: "one", KeySchema: [{ AttributeName: "mail", KeyType: "HASH" }] },
        ],
        AttributeDefinitions: [],
      },
    },
  ];
  test("is the partition key of a query, of the index where there is one", () => {
    const query = {
      TableName: "things",
      KeyConditionExpression: "#pk = :p AND #sk BETWEEN :a AND :b",
      ExpressionAttributeNames: { "#pk": "pk", "#sk": "sk" },
      ExpressionAttributeValues: { ":p": { S: "USER#a" }, ":a": { S: "1" }, ":b": { S: "2" } },
    };
    expect(asksOfDynamoDb("Query", query, tables)).toEqual([ask("dynamodb:Query", ["USER#a"])]);
    const ofIndex = { ...query, IndexName: "one", ExpressionAttributeNames: { "#pk": "mail", "#sk": "sk" } };
    expect(asksOfDynamoDb("Query", ofIndex, tables)).toEqual([
      ask("dynamodb:Query", ["USER#a"], `${table}/index/one`),
    ]);
  });
  test("is every key of a batch", () => {
    const RequestItems = {
      things: [
        { PutRequest: { Item: { pk: { S: "A" } } } },
        { DeleteRequest: { Key: { pk: { S: "B" } } } },
        { DeleteRequest: { Key: { pk: { S: "A" } } } },
      ],
    };
    expect(asksOfDynamoDb("BatchWriteItem", { RequestItems }, tables)).toEqual([
      ask("dynamodb:BatchWriteItem", ["A", "B"]),
    ]);
  });
  test("of an operation that is not known is not guessed", () => {
    expect(() => asksOfDynamoDb("TransactWriteItems", { TableName: "things" }, tables)).toThrow("not known");
  });
});

describe("a filter of an event source", () => {
  const record = { eventName: "MODIFY", dynamodb: { NewImage: { workPk: { S: "CHANGED" } } } };
  test.each([
    [{ eventName: ["INSERT", "MODIFY"] }, true],
    [{ eventName: ["REMOVE"] }, false],
    [{ eventName: ["MODIFY"], dynamodb: { NewImage: { workPk: { S: ["CHANGED"] } } } }, true],
    [{ dynamodb: { NewImage: { other: { S: ["CHANGED"] } } } }, false],
    [{ userIdentity: { principalId: [{ exists: false }] } }, true],
    [{ eventName: [{ "anything-but": ["REMOVE"] }] }, true],
    [{ eventName: [{ prefix: "MOD" }] }, true],
    [{ $or: [{ eventName: ["REMOVE"] }, { eventName: ["MODIFY"] }] }, true],
  ])("%j: %s", (pattern, fits) => {
    expect(fitsPattern(pattern, record)).toBe(fits);
  });
  test("that compares in a way not known here is refused", () => {
    expect(() => fitsPattern({ eventName: [{ wildcard: "M*" }] }, record)).toThrow("wildcard");
  });
});
