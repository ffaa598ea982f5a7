import type { DatabaseSync } from "node:sqlite";
import * as z from "zod";
import { reshape } from "../rows/reshape.ts";
import { type IndexRecord, indexesOf, keyAttributesOf, madeIndex, type TableRecord } from "../rows/tables.ts";
import { AwsError, invalid } from "../signing/aws-error.ts";
import type { Store } from "./items.ts";

/** Unchecked: it may have come over the wire. */
export type UpdateTableInput = {
  TableName: string;
  AttributeDefinitions?: unknown;
  GlobalSecondaryIndexUpdates?: unknown;
};

const name = z.string().regex(/^[\w.-]{3,255}$/);
const attribute = z.string().min(1).max(255);
const schema = z.object({
  AttributeDefinitions: z
    .array(z.object({ AttributeName: attribute, AttributeType: z.enum(["S", "N", "B"]) }))
    .default([]),
  GlobalSecondaryIndexUpdates: z
    .array(
      z.union([
        z.strictObject({ Delete: z.object({ IndexName: name }) }),
        z.strictObject({
          Create: z.object({
            IndexName: name,
            KeySchema: z
              .array(z.object({ AttributeName: attribute, KeyType: z.enum(["HASH", "RANGE"]) }))
              .min(1)
              .max(2),
            Projection: z.object({
              ProjectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
              NonKeyAttributes: z.array(attribute).optional(),
            }),
          }),
        }),
      ]),
    )
    .min(1),
});

/**
 * The UpdateTable operation, for one global index that comes or goes, as DynamoDB takes one at a time. It is complete when
 * the operation answers.
 *
 * @throws AwsError for what DynamoDB would refuse, and for every other change of a table
 */
export const updateTable = (store: Store, input: UpdateTableInput, db: DatabaseSync): object => {
  const table = store.tables.get(input.TableName);
  const { record } = table;
  const parsed = schema.safeParse(input);
  if (!parsed.success)
    throw invalid("UpdateTable takes one GlobalSecondaryIndexUpdate here: a Create or a Delete, well-formed");
  const { GlobalSecondaryIndexUpdates: updates, AttributeDefinitions: attributes } = parsed.data;
  const [update, ...further] = updates;
  if (!update || further.length > 0)
    throw refused(
      "LimitExceededException",
      "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
    );
  const next =
    "Create" in update
      ? withIndex(record, update.Create as IndexRecord, attributes)
      : withoutIndex(record, update.Delete.IndexName);
  reshape(db, store, table, next);
  return { TableDescription: next };
};

const withIndex = (
  record: TableRecord,
  index: IndexRecord,
  attributes: TableRecord["AttributeDefinitions"],
): TableRecord => {
  if (indexesOf(record).some(({ IndexName }) => IndexName === index.IndexName))
    throw invalid("Attempting to create an index which already exists");
  const known = new Map(
    [...attributes, ...record.AttributeDefinitions].map((one) => [one.AttributeName, one]),
  );
  const missing = index.KeySchema.find(({ AttributeName }) => !known.has(AttributeName));
  if (missing) throw invalid(`AttributeDefinitions does not define ${missing.AttributeName}`);
  return withIndexes(record, [...(record.GlobalSecondaryIndexes ?? []), madeIndex(record, index)], known);
};

const withoutIndex = (record: TableRecord, name: string): TableRecord => {
  const left = (record.GlobalSecondaryIndexes ?? []).filter(({ IndexName }) => IndexName !== name);
  if (left.length === (record.GlobalSecondaryIndexes ?? []).length)
    throw refused("ResourceNotFoundException", "Requested resource not found");
  return withIndexes(
    record,
    left,
    new Map(record.AttributeDefinitions.map((one) => [one.AttributeName, one])),
  );
};

/** Defines the attributes that are keys, and no others. */
const withIndexes = (
  { GlobalSecondaryIndexes: _, ...record }: TableRecord,
  indexes: IndexRecord[],
  known: Map<string, TableRecord["AttributeDefinitions"][number]>,
): TableRecord => {
  const next = { ...record, ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }) } as TableRecord;
  return { ...next, AttributeDefinitions: keyAttributesOf(next).flatMap((name) => known.get(name) ?? []) };
};

const refused = (name: string, message: string): AwsError =>
  new AwsError(400, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message });
