import type { StateAccess } from "../shared/model/state-access.ts";

/**
 * What use cases that share their steps do to the state table. Which of it one call needs depends on what it finds, so all of
 * those Lambdas have all of it. Compared with what they ask for in `test/bundles`.
 */

/** What either needs. */
const together = (...parts: StateAccess[]): StateAccess => {
  const names = [...new Set(parts.flatMap((part) => Object.keys(part)))] as (keyof StateAccess)[];
  const ofAll = (name: keyof StateAccess) => [...new Set(parts.flatMap((part) => part[name] ?? []))];
  return Object.fromEntries(names.map((name) => [name, ofAll(name)]));
};

/**
 * A directory user is saved; who waits in a group for it is marked anew. One who comes back is first taken out of the groups that
 * the call of their leaving had not come to.
 */
export const savedUserState: StateAccess = {
  get: ["users", "groups"],
  batchGet: ["groups"],
  query: ["users", "groups"],
  put: ["users", "groups"],
  update: ["groups"],
  delete: ["users", "groups"],
  batchWrite: ["groups", "pushed"],
};

/** A directory group is changed: its members, the marks that they bear, and what earlier changes have left. */
export const savedGroupState: StateAccess = {
  get: ["groups"],
  batchGet: ["users", "groups"],
  query: ["groups"],
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

/** Jobs are read. */
export const jobReads: StateAccess = { get: ["integrations", "integrationJobs"], query: ["integrationJobs"] };

/** A job is begun, which makes it the one that is open. */
export const jobStart: StateAccess = {
  get: ["integrations", "groups", "integrationJobs"],
  query: ["integrationJobs"],
  put: ["integrationJobs"],
};

/** A job is to end before its next step. */
export const jobEnd: StateAccess = { get: ["integrationJobs"], put: ["integrationJobs"] };

/** Accounts of a scan are listed, each with whose it is by now. */
export const accountReads: StateAccess = {
  get: ["integrations"],
  batchGet: ["integrationJobs", "users", "claims"],
  query: ["integrationJobs"],
  indexes: ["byEmail"],
};

/** A plan is begun to be carried out, after the guard was asked; a small one is planned again. */
export const planState: StateAccess = {
  get: ["integrations", "guards", "integrationJobs"],
  query: ["integrationJobs"],
  put: ["integrationJobs"],
};

/** How integrations stand, and which removals are late, wherever they wait. */
export const attentionState: StateAccess = {
  get: ["users", "groups"],
  batchGet: ["users", "groups", "pushed", "holds"],
  query: ["integrations", "users", "groups", "pushed", "holds"],
  indexes: ["byWork"],
};

/** The same by the watch, which lists the integrations by their index. */
export const watchState: StateAccess = {
  get: ["users", "groups"],
  batchGet: ["integrations", "users", "groups", "pushed", "holds"],
  query: ["users", "groups", "pushed", "holds"],
  indexes: ["byListing", "byWork"],
};

/**
 * A change of the directory becomes due at every integration that it concerns. A leaver whose call was cut off is taken out of
 * all groups first, and a change of a group that took longer than its call is gone on with.
 */
export const dispatchState: StateAccess = {
  get: ["integrations", "users", "groups"],
  batchGet: ["groups", "pushed"],
  query: ["users", "groups"],
  put: ["groups"],
  update: ["users", "groups"],
  delete: ["users", "groups"],
  batchWrite: ["users", "groups", "pushed"],
  indexes: ["byListing"],
};

/** Jobs are carried on: planned, compared, imported, and what they are about is noted. */
const runningState: StateAccess = {
  get: ["integrationJobs"],
  batchGet: ["integrationJobs"],
  query: ["integrationJobs"],
  put: ["integrationJobs"],
  delete: ["integrationJobs"],
  batchWrite: ["integrationJobs"],
  indexes: ["byEmail"],
};

/** A worker provisions what is due at an integration, and carries its job on. */
export const workerState: StateAccess = together(provisioningState, runningState, { indexes: ["byWork"] });

/** What was cut off is settled, which may be any attempt, and what was left is found and dispatched. */
export const recoveryState: StateAccess = {
  get: ["integrations", "users", "groups", "claims", "rates", "holds", "jobs", "integrationJobs"],
  batchGet: ["integrations", "users", "groups", "pushed", "claims"],
  query: ["integrations", "users", "groups", "pushed", "holds"],
  put: ["groups", "jobs", "integrationJobs"],
  update: ["integrations", "users", "groups", "claims", "rates", "holds"],
  delete: ["integrations", "users", "groups"],
  batchWrite: ["users", "groups", "pushed"],
  indexes: ["byListing", "byAttempt", "byWork"],
};
