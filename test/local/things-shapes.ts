import type { TableShape } from "../../shared/aws/table/tables.ts";

/** The table `things` of `createThings`, with and without what another release has beside it. */
const byColor = { name: "byColor", partitionKey: "color", sortKey: "sk", projection: "ALL" } as const;
const things = { partitionKey: "pk", sortKey: "sk", ttlAttribute: "expiresAt", stream: "KEYS_ONLY" } as const;

export const older: TableShape = { ...things, indexes: [byColor] };
export const newer: TableShape = {
  ...things,
  indexes: [
    { name: "byColor", partitionKey: "color", sortKey: "text", projection: "KEYS_ONLY" },
    { name: "byMark", partitionKey: "mark", sortKey: "markedAt", projection: "KEYS_ONLY" },
  ],
};
