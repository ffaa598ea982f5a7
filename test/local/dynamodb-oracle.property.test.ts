import { createRequire } from "node:module";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { openDynamoDb } from "../../infra/local/dynamodb/engine.ts";
import { AwsError } from "../../infra/local/signing/aws-error.ts";
import { dataFolder } from "./steps.ts";

// dynalite's own store in memory, with its own actions and validations, is the oracle.
const require = createRequire(import.meta.url);
const { create } = require("dynalite/db/index.js");
const { checkTypes, checkValidations } = require("dynalite/validations/index.js");

type Outcome = { output?: unknown; error?: string };
type Call = (operation: string, input: object) => Promise<Outcome>;

const oracle = (): Call => {
  const store = create({ createTableMs: 0, deleteTableMs: 0 });
  return async (operation, input) => {
    const file = operation.charAt(0).toLowerCase() + operation.slice(1);
    const { types, custom } = require(`dynalite/validations/${file}.js`);
    try {
      const checked = checkTypes(structuredClone(input), types);
      checkValidations(checked, types, custom, store);
      const output = await new Promise((resolve, reject) =>
        require(`dynalite/actions/${file}.js`)(store, checked, (error: unknown, value: unknown) =>
          error ? reject(error) : resolve(value),
        ),
      );
      if (operation === "CreateTable") await new Promise((resolve) => setTimeout(resolve, 20));
      return { output: JSON.parse(JSON.stringify(output)) };
    } catch (error) {
      return { error: (error as { body: { __type: string } }).body.__type };
    }
  };
};

const colors = ["a", "b", "é", "z#1"].map((S) => ({ S }));
const text = fc.constantFrom(...colors);
const number = fc.constantFrom("0", "1", "-7", "12.5", "0.001", "99999999999999999999").map((N) => ({ N }));
const list = fc.array(fc.oneof(text, number), { maxLength: 3 }).map((L) => ({ L }));
const map = fc.record({ one: text, two: number }, { requiredKeys: [] }).map((M) => ({ M }));
const set = fc.uniqueArray(fc.constantFrom("x", "y", "w"), { minLength: 1 }).map((SS) => ({ SS }));
const value = fc.oneof(
  text,
  number,
  list,
  map,
  set,
  fc.constant({ BOOL: true }),
  fc.constant({ NULL: true }),
);
const fields = fc.record({ a: value, b: value, c: number, color: text }, { requiredKeys: [] });
const key = fc.record({
  pk: fc.constantFrom({ S: "p" }, { S: "q" }),
  sk: fc.constantFrom({ S: "1" }, { S: "2" }),
});

const updates = [
  "SET #a = :v",
  "SET #a = :v, #b = #a",
  "SET #c = #c + :n",
  "SET #c = if_not_exists(#c, :n) - :n, #a = if_not_exists(#b, :v)",
  "SET #a = list_append(#a, :l)",
  "SET #a.#one = :v REMOVE #b",
  "SET #a[0] = :v",
  "REMOVE #a[1], #b",
  "REMOVE #a, color",
  "ADD #c :n",
  "ADD #a :s",
  "DELETE #a :s",
  "SET color = :t ADD #c :n",
  "SET pk = :v",
  "SET #a = :v SET #b = :v",
];
const conditions = [
  "attribute_exists(#a)",
  "attribute_not_exists(#a) AND NOT attribute_exists(#b)",
  "attribute_type(#a, :S)",
  "begins_with(color, :t)",
  "contains(#a, :t)",
  "color IN (:t, :v)",
  "attribute_exists(#c) AND (#c > :n OR #c = :n)",
  "attribute_exists(#c) AND #c BETWEEN :n AND :big",
  "attribute_exists(#a) AND size(#a) > :n",
  "color <> :t",
  "(color = :t",
];

/** Only those names and values that the texts use: DynamoDB refuses others. */
const usedBy = (all: Record<string, unknown>, texts: string): object | undefined => {
  const used = Object.entries(all).filter(([name]) => new RegExp(`${name}(?!\\w)`).test(texts));
  return used.length > 0 ? Object.fromEntries(used) : undefined;
};

const request = fc
  .record({
    kind: fc.constantFrom("PutItem", "UpdateItem", "DeleteItem", "GetItem"),
    key,
    fields,
    v: value,
    n: number,
    l: list,
    s: set,
    t: text,
    update: fc.constantFrom(...updates),
    condition: fc.option(fc.constantFrom(...conditions), { nil: undefined }),
    returned: fc.constantFrom("ALL_OLD", "NONE", "ALL_NEW"),
  })
  .map(({ kind, key: Key, fields: rest, update, condition, returned, v, n, l, s, t }) => {
    const expressions = {
      ...(kind === "UpdateItem" && { UpdateExpression: update }),
      ...(kind === "GetItem"
        ? { ProjectionExpression: "#a, #b" }
        : condition && { ConditionExpression: condition }),
    };
    const texts = Object.values(expressions).join(" ");
    const names = usedBy({ "#a": "a", "#b": "b", "#c": "c", "#one": "one" }, texts);
    const big = { N: "999999999999999999999" };
    const values = usedBy(
      { ":v": v, ":n": n, ":l": l, ":s": s, ":t": t, ":S": { S: "S" }, ":big": big },
      texts,
    );
    const isWrite = kind !== "GetItem";
    const input = {
      ...(kind === "PutItem" ? { Item: { ...rest, ...Key } } : { Key }),
      ...expressions,
      ...(names && { ExpressionAttributeNames: names }),
      ...(values && { ExpressionAttributeValues: values }),
      ...(isWrite && { ReturnValues: kind === "UpdateItem" || returned !== "ALL_NEW" ? returned : "NONE" }),
    };
    return { kind, input };
  });

const table = {
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: ["pk", "sk", "color"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "byColor",
      KeySchema: [
        { AttributeName: "color", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "ALL" },
    },
  ],
};

const sorted = (outcome: Outcome): unknown =>
  (outcome.output as { Items: object[] }).Items.map((item) =>
    JSON.stringify(Object.entries(item).sort(([one], [other]) => (one < other ? -1 : 1))),
  ).sort();

test("any sequence of writes and reads gives the same answers, items and index entries as dynalite's own store", async () => {
  const engine = await openDynamoDb(dataFolder());
  onTestFinished(() => engine.close());
  const tested =
    (from: "sdk" | "wire"): Call =>
    async (operation, input) => {
      try {
        const output = await engine.call(operation, structuredClone(input), from);
        return { output: JSON.parse(JSON.stringify(output)) };
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return { error: error.body.__type };
      }
    };
  let tables = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { minLength: 1, maxLength: 25 }),
      fc.constantFrom("sdk", "wire"),
      async (requests, from) => {
        const [expected, actual] = [oracle(), tested(from as "sdk" | "wire")];
        tables += 1;
        // A table of its own: what a failed sequence left would confuse the next.
        const TableName = `oracle-${tables}`;
        await expected("CreateTable", { TableName, ...table });
        await actual("CreateTable", { TableName, ...table });
        for (const { kind, input } of requests) {
          const request = { TableName, ...input };
          const wanted = { request, ...(await expected(kind, request)) };
          expect({ request, ...(await actual(kind, request)) }).toEqual(wanted);
        }
        const scan = { TableName };
        expect(sorted(await actual("Scan", scan))).toEqual(sorted(await expected("Scan", scan)));
        for (const color of colors) {
          const query = {
            TableName,
            IndexName: "byColor",
            KeyConditionExpression: "color = :color",
            ExpressionAttributeValues: { ":color": color },
          };
          expect(sorted(await actual("Query", query))).toEqual(sorted(await expected("Query", query)));
        }
      },
    ),
    { numRuns: 60 },
  );
}, 120_000);
