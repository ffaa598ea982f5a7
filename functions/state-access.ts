import type { StateAccess } from "../shared/model/state-access.ts";

/**
 * What use cases that share their steps do to the state table. Which of it one call needs depends on what it finds, so all of
 * those Lambdas have all of it. Compared with what they ask for in `test/bundles`.
 */

/** A directory user is saved; who waits in a group for it is marked anew. */
export const savedUserState: StateAccess = {
  get: ["users"],
  batchGet: ["groups"],
  query: ["users", "groups"],
  put: ["users"],
  batchWrite: ["pushed"],
};

/** A directory group is changed: its members, the marks that they bear, and what earlier changes have left. */
export const savedGroupState: StateAccess = {
  get: ["groups"],
  batchGet: ["users", "groups"],
  query: ["users", "groups"],
  put: ["groups"],
  update: ["groups"],
  delete: ["users", "groups"],
  batchWrite: ["users", "groups", "pushed"],
};

/** Users and groups are saved and reconciled with a service provider, within the guard and the pace. */
export const provisioningState: StateAccess = {
  get: ["integrations", "users", "groups", "claims", "rates", "guards", "holds"],
  batchGet: ["integrations", "users", "groups", "pushed", "claims", "holds"],
  query: ["users", "groups", "pushed", "holds"],
  put: ["users", "groups", "guards", "holds"],
  update: ["integrations", "users", "groups", "claims", "rates", "holds"],
  delete: ["users", "groups"],
  batchWrite: ["users", "groups", "pushed", "holds"],
  indexes: ["byListing"],
};

/** An integration is changed, after what an attempt before it has left is settled: an activation's row goes. */
export const lifecycleState: StateAccess = {
  get: ["integrations"],
  update: ["integrations"],
  delete: ["integrations"],
};

/** Its connection is changed too: no other integration has the tenant, and accounts that are linked tell which one it is. */
export const connectionState: StateAccess = {
  ...lifecycleState,
  get: ["integrations", "targets"],
  batchGet: ["users"],
  query: ["integrations"],
  put: ["targets"],
  indexes: ["byListing"],
};

/** A change of the directory becomes due at every integration that it concerns. */
export const dispatchState: StateAccess = {
  get: ["integrations", "users", "groups"],
  batchGet: ["groups"],
  query: ["users", "groups"],
  update: ["users", "groups"],
};

/** A worker provisions what is due at an integration. */
export const workerState: StateAccess = { ...provisioningState, indexes: ["byListing", "byWork"] };

/**
 * What was cut off is settled, which may be any attempt, and what was left is found. It sends nothing that changes a user or a
 * group, so it needs no guard.
 */
export const recoveryState: StateAccess = {
  get: ["integrations", "users", "groups", "claims", "rates", "holds", "jobs"],
  batchGet: ["integrations", "users", "groups", "pushed", "claims"],
  query: ["integrations", "users", "groups", "pushed", "holds"],
  put: ["groups", "jobs"],
  update: ["integrations", "users", "groups", "claims", "rates", "holds"],
  delete: ["integrations", "users", "groups"],
  batchWrite: ["users", "groups", "pushed", "holds"],
  indexes: ["byListing", "byAttempt", "byWork"],
};
