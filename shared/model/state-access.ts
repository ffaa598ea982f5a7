/** Kinds of items of the state table. A kind has partitions of its own, so that a Lambda can be kept to some of them. */
export type ItemKind =
  | "integrations"
  /** Profile, links to integrations and marks of memberships. */
  | "users"
  /** Profile, links, members and marks of their changes. */
  | "groups"
  /** Who is in a group at a provider, and who waits for it. */
  | "pushed"
  | "claims"
  | "rates"
  | "guards"
  /** What is held, by whom it was asked for, and in which hold it is. */
  | "holds"
  | "idempotency"
  | "workers"
  | "jobs"
  /** Syncs, scans and imports, and what they are about. */
  | "integrationJobs"
  | "targets"
  /** What people were told. */
  | "notices"
  /** Sources that feed the directory, as admins set them up. */
  | "sources"
  /** Their latest requests. */
  | "sourceStatus"
  /** Whose the token of a hash is. */
  | "tokens"
  /** Unique names of what sources own, which objects those are, and what they could not have. */
  | "names"
  | "owned"
  | "conflicts";

export type StateIndex = "byListing" | "byEmail" | "byAttempt" | "byWork";

/** DynamoDB's requests for items. */
export type ItemRequest = "get" | "batchGet" | "query" | "put" | "update" | "delete" | "batchWrite";

/** By request, the kinds of items that it may name; and the indexes that may be queried, each as a whole. */
export type StateAccess = { readonly [R in ItemRequest]?: readonly ItemKind[] } & {
  readonly indexes?: readonly StateIndex[];
};
