import { Failure } from "../model/failure.ts";
import type { Integration, TargetTest } from "../model/integration.ts";
import type { StoredSecret } from "../provisioning/ports/integration-store.ts";
import { otherTenantReason } from "./check-same-tenant.ts";
import type { Asked, LifecycleResult, LifecycleSteps } from "./run-lifecycle-attempt.ts";
import { type FailedTest, type TestedTarget, testTarget } from "./test-target.ts";

type Connection = {
  /** What is tested. Its credentials are stored, where they are new. */
  target: TestedTarget;
  test: TargetTest;
  failedCode: FailedTest;
  /** The row as it was, where the credentials are new and have to open the same tenant. */
  sameTenantAs?: Integration | undefined;
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
  { attemptId, proposed, note, keep }: LifecycleSteps,
  { target, test, failedCode, sameTenantAs, storeSecret, isDiscovered }: Connection,
): Promise<LifecycleResult & { leftovers: string[] }> => {
  const tested = await testTarget(asked, target, { test, attemptId, failedCode });
  const { leftovers, answer } = tested;
  const notes = leftovers.map((leftover) => `Left by the test, remove by hand: ${leftover}`);
  const told = { leftovers, notes, answer };
  if (!tested.ok) return { ...told, failure: tested.failure };
  const { capabilities, provider } = tested;
  const otherTenant =
    sameTenantAs && (await otherTenantReason(asked.ports, sameTenantAs, provider, failedCode));
  if (otherTenant) return { ...told, answer: provider.lastAnswer(), failure: otherTenant };
  const groups = capabilities.groups && proposed.groupsEnabled;
  const integration = isDiscovered ? { ...proposed, capabilities: { ...capabilities, groups } } : proposed;
  if (storeSecret) {
    await note(integration);
    const failure = await storeSecret({ credentials: target.credentials, origin: proposed.secretOrigin });
    if (failure instanceof Failure) return { ...told, failure };
  }
  await keep(integration);
  return { ...told, integration };
};
