/** Shapes of the two tables, from which both the CDK stack and the embedded run make them. Pure data. */

type IndexShape = { name: string; partitionKey: string; sortKey: string; projection: "ALL" | "KEYS_ONLY" };
export type TableShape = {
  partitionKey: string;
  sortKey: string;
  ttlAttribute: string;
  /** What its stream tells of an item that was written, on AWS alone. */
  stream: "KEYS_ONLY" | "NEW_IMAGE";
  indexes: readonly IndexShape[];
};

/** The tag by which a table tells whose it is: the id of the stack that works on it. */
export const ownerTag = "usher:stack-id";

/** Integrations, directory, assignments, links, members, claims, idempotency keys. Every key is a string. */
export const stateTable: TableShape = {
  partitionKey: "pk",
  sortKey: "sk",
  ttlAttribute: "expiresAt",
  // It wakes the dispatch. Keys alone would not do: which item bears the mark of a change is told by its image.
  stream: "NEW_IMAGE",
  indexes: [
    // Keys only: an update that leaves the keys alone then costs the index nothing; lists read the items in batches.
    { name: "byListing", partitionKey: "listPk", sortKey: "listSk", projection: "KEYS_ONLY" },
    { name: "byEmail", partitionKey: "emailPk", sortKey: "pk", projection: "KEYS_ONLY" },
    // Sparse: only an attempt that is under way has these, so the sweep reads what is orphaned and nothing else.
    { name: "byAttempt", partitionKey: "attemptPk", sortKey: "attemptSk", projection: "KEYS_ONLY" },
    // Sparse: what is still to be done, and when. What is in step costs nothing here.
    { name: "byWork", partitionKey: "workPk", sortKey: "workSk", projection: "KEYS_ONLY" },
  ],
};

/**
 * Directory Insights events. `sk` is `<timestamp>#<event id>`, so every index lists by time. An index holds what has its
 * key alone: see `events/event-keys.ts`.
 */
export const eventsTable: TableShape = {
  partitionKey: "pk",
  sortKey: "sk",
  ttlAttribute: "expiresAt",
  // It tells of events that were changed or removed. Which ones is enough, and what was in them goes nowhere.
  stream: "KEYS_ONLY",
  indexes: [
    { name: "byIntegration", partitionKey: "integrationKey", sortKey: "sk", projection: "ALL" },
    { name: "bySubject", partitionKey: "subjectKey", sortKey: "sk", projection: "ALL" },
    { name: "byType", partitionKey: "typeKey", sortKey: "sk", projection: "ALL" },
    { name: "byInitiator", partitionKey: "initiatorKey", sortKey: "sk", projection: "ALL" },
    { name: "byCorrelation", partitionKey: "correlationKey", sortKey: "sk", projection: "ALL" },
    { name: "byFailure", partitionKey: "failureKey", sortKey: "sk", projection: "ALL" },
  ],
};
