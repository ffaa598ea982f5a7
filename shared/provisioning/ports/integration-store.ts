import type { Credentials } from "../../model/credentials.ts";
import type { Integration } from "../../model/integration.ts";
import type { OpenAttempt } from "../../model/link.ts";
import type { Standing } from "../../model/standing.ts";
import type { Held } from "./link-store.ts";

/**
 * A lifecycle attempt under way. `proposed` is the row that its success will make; it never holds the secret.
 * `succeeded` is set once nothing is left that can fail: recovery then finishes instead of undoing.
 */
export type LifecycleAttempt = OpenAttempt & {
  proposed: Integration;
  succeeded?: boolean;
  /** What a test that writes may leave at the service provider if the process is stopped. */
  mayLeave?: string[];
};
/** `integration` is absent while the activation is under way. */
export type IntegrationRow = { integrationId: string; integration?: Integration; attempt?: LifecycleAttempt };

/** Integrations. Every read but `current` is strongly consistent; every write is one conditional write of one item. */
export type IntegrationStore = {
  read(integrationId: string): Promise<IntegrationRow | undefined>;
  /** All rows, activations under way and deleted integrations included. There are few. */
  all(): Promise<IntegrationRow[]>;
  /** Integrations that are not deleted, without reading those that are. Lags behind. */
  current(): Promise<Integration[]>;
  /** Write the intent, if the row is still at `version` (0: absent) and nobody holds it. */
  begin(integrationId: string, version: number, attempt: LifecycleAttempt): Promise<boolean>;
  takeOver(integrationId: string, attemptId: string, leaseUntil: number, now: number): Promise<boolean>;
  mark(integrationId: string, attempt: LifecycleAttempt): Promise<boolean>;
  /**
   * End the attempt. With `integration` the row becomes it; without, it stays as it was, and an activation's row goes.
   * False where somebody took it over.
   */
  settle(integrationId: string, attempt: Held, integration?: Integration): Promise<boolean>;
  /** End the lease and keep the attempt, for recovery. Changes nothing where somebody took it over. */
  abandon(integrationId: string, attempt: Held): Promise<void>;
  /** A 401 was met: set `needs_reauth`, if the secret that failed is still the row's and the row is active. */
  requireReauth(integrationId: string, failedSecretVersionId: string, at: string): Promise<void>;
  /**
   * Write the standing, where that on record is still at its `rev` (0: none). With `healed` the row is active again in the
   * same write, where it still waits for reauth with that version of the secret. False where either has changed.
   */
  noteStanding(
    integrationId: string,
    standing: Standing,
    healed?: { secretVersionId: string; at: string },
  ): Promise<boolean>;
};

/** Who took a target last, and with which lifecycle attempt. */
export type TargetClaim = { integrationId: string; attemptId: string };

/** Which integration has which tenant: a base URL and the secret that opens it. */
export type TargetStore = {
  /** The keyed hash of both; it tells nothing of the secret. Throws Failure `store-unavailable`. */
  hash(baseUrl: string, clientSecret: string): Promise<string>;
  /**
   * Take the target where nobody has it, the same integration has it, or exactly `instead` has it, in one conditional
   * write. Answers the claim that is in force then. Throws Failure `store-unavailable`.
   */
  claim(hash: string, mine: TargetClaim, instead?: TargetClaim): Promise<TargetClaim>;
};

/** What Secrets Manager keeps for an integration. `origin` is the one that the secret was entered for. */
export type StoredSecret = { credentials: Credentials; origin: string };

/** Secrets of integrations. A secret leaves this port only towards the SCIM client. */
export type SecretStore = {
  /** Make the secret; the same call again is safe. `versionId` is a UUID. */
  create(integrationId: string, versionId: string, secret: StoredSecret): Promise<void>;
  /**
   * Add a version that becomes AWSCURRENT; the same call again is safe. A secret that is gone is made anew, and one
   * that is scheduled for deletion is restored first.
   */
  put(integrationId: string, versionId: string, secret: StoredSecret): Promise<void>;
  /**
   * That very version; cached on it, since a version never changes. Undefined where it is gone: the secret or the
   * version is unknown also after some looks, or the secret is scheduled for deletion. Throws Failure
   * `store-unavailable`.
   */
  read(integrationId: string, versionId: string): Promise<StoredSecret | undefined>;
  /** Whether that version exists. False where the secret is unknown or scheduled for deletion. */
  hasVersion(integrationId: string, versionId: string): Promise<boolean>;
  /** Schedule the deletion with a recovery window; nothing happens where it is scheduled already or unknown. */
  scheduleDeletion(integrationId: string): Promise<void>;
};
