import { concurrently } from "../common/concurrently.ts";
import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import { toFailure } from "../provisioning/attempts/provider-failure.ts";
import type { TargetClaim } from "../provisioning/ports/integration-store.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { ProviderFailure } from "../provisioning/ports/provider-failure.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { linkedAccounts } from "./check-same-tenant.ts";
import { type FailedTest, failedTest } from "./test-target.ts";

/** The row as it shall be, with the hash of its target; and as it was, where it is not new. */
type TargetChange = { attemptId: string; proposed: Integration; before?: Integration | undefined };

/**
 * Take the target for the integration, by its base URL and secret: of two calls at once one gets it. The row must name
 * the hash already (`proposed`, marked), since a claim counts for as long as the row of its holder names the same hash:
 * an attempt that failed and a deleted integration free it by that alone.
 * @returns Failure `target-in-use`
 */
export const claimTarget = async (
  ports: Ports,
  change: TargetChange & { targetHash: string },
): Promise<Failure | undefined> => {
  const { targetHash, attemptId, proposed } = change;
  const holder = await holderAfter(ports, targetHash, { integrationId: proposed.integrationId, attemptId });
  const others = (await otherIntegrations(ports, change)).filter((one) => one.targetHash === targetHash);
  const other = [...(holder && !isSharing(change, holder) ? [holder] : []), ...others][0];
  return other && inUse(proposed, other, "it is called with the same secret");
};

/** Who else holds the target once this integration has tried to take it; undefined where it has it now. */
const holderAfter = async (
  ports: Ports,
  targetHash: string,
  mine: TargetClaim,
): Promise<Integration | undefined> => {
  let stale: TargetClaim | undefined;
  for (let tries = 0; tries < 5; tries += 1) {
    const claim = await ports.targets.claim(targetHash, mine, stale);
    if (claim.integrationId === mine.integrationId) return undefined;
    const row = await ports.integrations.read(claim.integrationId);
    const holder = [row?.integration, row?.attempt?.proposed].find(
      (one) => one?.targetHash === targetHash && one.status !== "deleted",
    );
    if (holder) return holder;
    stale = claim;
  }
  throw new Failure("store-unavailable", "The holder of the target is changing. Call again.", {
    retryAfterSeconds: 1,
  });
};

/**
 * Failure `target-in-use` where the new secret, which `provider` is opened with, reads an account that is linked to
 * another integration of the same base URL; up to three of each are tried. They are ours, so reading marks nobody anew.
 * Failure `failedCode` or `provider-unavailable` where that cannot be told.
 */
export const linkedElsewhere = async (
  ports: Ports,
  change: TargetChange,
  provider: ServiceProvider,
  failedCode: FailedTest,
): Promise<Failure | undefined> => {
  const { proposed } = change;
  const others = (await otherIntegrations(ports, change)).filter(
    ({ baseUrl }) => baseUrl === proposed.baseUrl,
  );
  const readable: { other: Integration; remoteId: string }[] = [];
  try {
    await concurrently(others, atOnce, async (other) => {
      for (const { remoteId } of await linkedAccounts(ports, other)) {
        if (readable.length > 0) return;
        if (await canRead(provider, remoteId)) readable.push({ other, remoteId });
      }
    });
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    const what = "Whether another integration has this tenant could not be told: reading its account failed";
    return failedTest(error, toFailure(error, what).detail, failedCode);
  }
  const [found] = readable;
  return found && inUse(proposed, found.other, `these credentials read its account ${found.remoteId}`);
};

const atOnce = 4;

/** Another tenant answers 404, or that it is not allowed. */
const canRead = async (provider: ServiceProvider, remoteId: string): Promise<boolean> => {
  try {
    return (await provider.readUser(remoteId)) !== undefined;
  } catch (error) {
    const isRefused = error instanceof ProviderFailure && ["rejected", "malformed"].includes(error.kind);
    if (isRefused) return false;
    throw error;
  }
};

const otherIntegrations = async (ports: Ports, change: TargetChange): Promise<Integration[]> => {
  const rows = await ports.integrations.all();
  return rows
    .flatMap(({ integration }) => (integration ? [integration] : []))
    .filter(
      ({ integrationId, status }) => integrationId !== change.proposed.integrationId && status !== "deleted",
    )
    .filter((other) => !isSharing(change, other));
};

/** Who was there first may go on: the other one came with `allowSharedTarget`. */
const isSharing = ({ proposed, before }: TargetChange, other: Integration): boolean =>
  other.allowSharedTarget === true && before?.baseUrl === proposed.baseUrl;

const inUse = ({ baseUrl }: Integration, other: Integration, how: string): Failure => {
  const { integrationId, application } = other;
  const label = application.displayLabel ?? application.name;
  return new Failure(
    "target-in-use",
    `The tenant at ${baseUrl} is that of integration ${integrationId} (${label}): ${how}. Two integrations on one tenant undo each other's changes. Use or delete that integration, or send allowSharedTarget: true to have both.`,
  );
};
