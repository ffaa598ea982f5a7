import type { CredentialsInput } from "../model/credentials.ts";
import { Failure } from "../model/failure.ts";
import type { Integration, TargetTest } from "../model/integration.ts";
import type { StoredSecret } from "../provisioning/ports/integration-store.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { otherTenantReason } from "./check-same-tenant.ts";
import { claimTarget, linkedElsewhere } from "./check-target-free.ts";
import { enterCredentials } from "./enter-credentials.ts";
import type { Asked, LifecycleResult, LifecycleSteps } from "./run-lifecycle-attempt.ts";
import { type FailedTest, type TestedTarget, testTarget } from "./test-target.ts";

type Connection = {
  /** What is tested, with the credentials as the call gives them. They are stored, where they are new. */
  target: Omit<TestedTarget, "credentials"> & { credentials: CredentialsInput };
  test: TargetTest;
  failedCode: FailedTest;
  /** The row as it was, where the credentials are new and have to open the same tenant. */
  sameTenantAs?: Integration | undefined;
  /** The row as it was, where it is not new. */
  before?: Integration;
  /** Whether base URL or credentials are new: then the tenant must not be another integration's. */
  isOtherTarget: boolean;
  /** Stores credentials that are new. A Failure that it answers is that of the attempt; what it throws leaves it open. */
  storeSecret?: ((secret: StoredSecret) => Promise<unknown>) | undefined;
  /** Whether the row takes what the provider says of itself. */
  isDiscovered: boolean;
};

/**
 * Test the target of the proposed row, and keep both row and credentials: the row is noted before the secret is stored,
 * so that recovery can finish, and kept after that. Nothing is kept after a failure. `leftovers` is what the test left
 * there.
 */
export const testAndKeep = async (
  asked: Asked,
  steps: LifecycleSteps,
  connection: Connection,
): Promise<LifecycleResult & { leftovers: string[] }> => {
  const { test, failedCode, storeSecret, isDiscovered } = connection;
  const { attemptId, note, keep } = steps;
  const credentials = await orFailure(() =>
    enterCredentials(asked.ports, connection.target.credentials, steps.proposed.baseUrl),
  );
  if (credentials instanceof Failure) return { leftovers: [], failure: credentials };
  const target = { ...connection.target, credentials };
  const reserved = await reserveTarget(asked, steps, { ...connection, target });
  if (reserved instanceof Failure) return { leftovers: [], failure: reserved };
  const tested = await testTarget(asked, target, { test, attemptId, failedCode });
  const { leftovers, answer } = tested;
  const { secretArn } = connection.target.credentials;
  const notes = [
    ...leftovers.map((leftover) => `Left by the test, remove by hand: ${leftover}`),
    ...(secretArn === undefined ? [] : [`Credentials were read from ${secretArn}`]),
  ];
  const told = { leftovers, notes, answer };
  if (!tested.ok) return { ...told, failure: tested.failure };
  const { capabilities, provider } = tested;
  const wrongTenant = await wrongTenantReason(asked, { attemptId, proposed: reserved }, provider, connection);
  if (wrongTenant) return { ...told, answer: provider.lastAnswer(), failure: wrongTenant };
  const groups = capabilities.groups && reserved.groupsEnabled;
  const integration = isDiscovered ? { ...reserved, capabilities: { ...capabilities, groups } } : reserved;
  if (storeSecret) {
    await note(integration);
    const failure = await storeSecret({ credentials: target.credentials, origin: reserved.secretOrigin });
    if (failure instanceof Failure) return { ...told, failure };
  }
  await keep(integration);
  return { ...told, integration };
};

/**
 * The proposed row with its target's hash, once the target is taken for it; before anything is sent, so that a secret
 * that is in use is not even tried. A Failure is that of the attempt.
 */
const reserveTarget = async (
  { ports }: Asked,
  { attemptId, proposed, note }: LifecycleSteps,
  { target, before, isOtherTarget }: Connection & { target: TestedTarget },
): Promise<Integration | Failure> => {
  if (!isOtherTarget) return proposed;
  return orFailure(async () => {
    const targetHash = await ports.targets.hash(proposed.baseUrl, target.credentials.clientSecret);
    const reserved = { ...proposed, targetHash };
    if (proposed.allowSharedTarget) return reserved;
    await note(reserved);
    const failure = await claimTarget(ports, { attemptId, proposed, before, targetHash });
    return failure ?? reserved;
  });
};

/** A store that does not answer ends the attempt, of which nothing is kept. */
const orFailure = async <T>(step: () => Promise<T | Failure>): Promise<T | Failure> => {
  try {
    return await step();
  } catch (error) {
    if (error instanceof Failure && error.code === "store-unavailable") return error;
    throw error;
  }
};

/** The credentials open another tenant than before, or that of another integration. */
const wrongTenantReason = async (
  { ports }: Asked,
  change: { attemptId: string; proposed: Integration },
  provider: ServiceProvider,
  { before, sameTenantAs, isOtherTarget, failedCode }: Connection,
): Promise<Failure | undefined> => {
  const otherTenant = sameTenantAs && (await otherTenantReason(ports, sameTenantAs, provider, failedCode));
  if (otherTenant || !isOtherTarget || change.proposed.allowSharedTarget) return otherTenant;
  return await linkedElsewhere(ports, { ...change, before }, provider, failedCode);
};
