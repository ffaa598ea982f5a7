import type { Intent, Outcome } from "./attempt.ts";
import type { WorkState } from "./work.ts";

/** Failures of a service provider in a row, as its workers met them. */
export type Streak = {
  failures: number;
  /** Some of the objects that failed, as `user ID` or `group ID`; as many as the limits ask for. */
  objects: string[];
  /** Unix ms: the last of them. */
  lastAt: number;
  /** The refusal that all of them are; absent where they are failures that pass. */
  refusal?: string;
};

/** The provider fails whatever is sent: no more than one object at a time is tried. */
export type Quarantine = {
  /** RFC 3339. */
  since: string;
  reason: string;
  /** Unix ms. */
  nextProbeAt: number;
  /** Probes that failed. */
  probes: number;
  /** Unix ms: what was marked before has not been tried in this turn. */
  turnSince: number;
  /** Removals that were probes of this turn, as `user ID` or `group ID`: others may have tried and marked them since, too. */
  removalsTried?: string[];
  /** As of the streak: another answer is none of it. */
  refusal?: string;
};

/**
 * What the service's own work knows of a service provider. It is kept beside the integration's row and changed by that work
 * alone, so no change of the integration overwrites it, and it is no part of the version that `ETag` names.
 */
export type Standing = {
  /** Grows with every write. */
  rev: number;
  streak?: Streak;
  quarantine?: Quarantine;
  /** Unix ms, by state: what waits and was marked before is due, whatever its own time. */
  dueBefore?: Partial<Record<WorkState, number>>;
  /** Unix ms, by state: up to then everything that was due so was found. */
  foundBefore?: Partial<Record<WorkState, number>>;
  /** Tests of the secret of that version, which was refused. `nextAt`: Unix ms. */
  healing?: { secretVersionId: string; tests: number; nextAt: number };
  /** RFC 3339: when refused credentials were last found to be taken again. */
  healedAt?: string;
  /** Unix ms: when a verification of the whole integration ended last, or one was begun by itself. */
  verifiedAt?: number;
  /** Verifications that began by themselves have failed since then (Unix ms), the last of them for that reason. */
  unverified?: { syncId: string; since: number; detail: string };
  /** Events of changes of this standing that may not be written yet. */
  unrecorded?: { intent: Intent; outcome: Outcome }[];
};
