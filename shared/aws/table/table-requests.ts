import type { AttributeDefinition, GlobalSecondaryIndexDescription } from "@aws-sdk/client-dynamodb";
import type { TableShape } from "./tables.ts";

export type IndexShape = TableShape["indexes"][number];
type Keys = { partitionKey: string; sortKey: string };

/** A shape in the words of DynamoDB's requests. */
export const toIndex = (index: IndexShape) => ({
  IndexName: index.name,
  KeySchema: keySchemaOf(index),
  Projection: { ProjectionType: index.projection },
});

export const keySchemaOf = (keys: Keys) => [
  { AttributeName: keys.partitionKey, KeyType: "HASH" as const },
  { AttributeName: keys.sortKey, KeyType: "RANGE" as const },
];

/** Every attribute that is a key of the table or of an index; each is a string. */
export const keyAttributesOf = (shape: TableShape): AttributeDefinition[] => {
  const names = [shape, ...shape.indexes].flatMap((keys) => [keys.partitionKey, keys.sortKey]);
  return [...new Set(names)].map((name) => ({ AttributeName: name, AttributeType: "S" }));
};

/** Whether DynamoDB describes these very keys. */
export const hasKeys = (schema: { AttributeName?: string | undefined }[] = [], keys: Keys): boolean =>
  schema.map(({ AttributeName }) => AttributeName).join(" ") === `${keys.partitionKey} ${keys.sortKey}`;

export const isSameIndex = (
  { IndexName, KeySchema, Projection }: GlobalSecondaryIndexDescription,
  wanted: IndexShape,
): boolean =>
  IndexName === wanted.name && hasKeys(KeySchema, wanted) && Projection?.ProjectionType === wanted.projection;
