import { allPages } from "../common/all-pages.ts";
import { isOpenForSure } from "../model/account-facts.ts";
import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import type { UserLink } from "../model/link.ts";
import type { Profile } from "../model/profile.ts";
import { toFailure } from "../provisioning/attempts/provider-failure.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { ProviderFailure } from "../provisioning/ports/provider-failure.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { type FailedTest, failedTest } from "./test-target.ts";

/** Accounts that are read with the new secret, to tell whether it opens the same tenant. */
const samples = 3;

/**
 * Failure `different-tenant` where none of the linked accounts that must be there is: the new secret, which `provider` is
 * opened with, opens another tenant, where the same ids may be other people. `failedCode`, or
 * `provider-unavailable`, where that cannot be told.
 */
export const otherTenantReason = async (
  ports: Ports,
  now: Integration,
  provider: ServiceProvider,
  failedCode: FailedTest,
): Promise<Failure | undefined> => {
  const remoteIds = await linkedAccounts(ports, now);
  if (remoteIds.length === 0) return undefined;
  try {
    for (const remoteId of remoteIds) if (await provider.readUser(remoteId)) return undefined;
  } catch (error) {
    if (error instanceof ProviderFailure) {
      const { detail } = toFailure(error, "Reading a linked account with the new credentials failed");
      return failedTest(error, `${detail} The old credentials stay.`, failedCode);
    }
    throw error;
  }
  return new Failure(
    "different-tenant",
    `None of the linked accounts (${remoteIds.join(", ")}) is found with the new credentials: they seem to open another tenant. The old credentials stay.`,
  );
};

/**
 * The account of a link, unless it may be gone: its deletion, or what else ends it, may have been carried out. Where DELETE
 * deactivates, a closed one may have been closed by that, and some show nobody what they have deleted.
 */
const certainlyThere = (
  { assignment, observed, attempt }: UserLink,
  { delete: deletion }: Pick<Profile, "delete">,
): string[] => {
  const { remoteId, pushed = {}, uncertain = {} } = observed;
  const isInDoubt = "active" in uncertain && !("active" in pushed);
  const mayBeDeleted = deletion === "deactivates" && !isOpenForSure(observed);
  const mayBeGone = attempt !== undefined || assignment.removal === "delete" || isInDoubt || mayBeDeleted;
  return remoteId === undefined || mayBeGone ? [] : [remoteId];
};

/** Up to three accounts of the integration that must be there, by their ids. */
export const linkedAccounts = async (ports: Ports, integration: Integration): Promise<string[]> => {
  const { integrationId, baseUrl } = integration;
  const profile = ports.profileOf(integration);
  const remoteIds: string[] = [];
  for await (const links of allPages((page) => ports.userLinks.list(integrationId, page), 100)) {
    for (const link of links)
      if (link.observed.baseUrl === baseUrl) remoteIds.push(...certainlyThere(link, profile));
    if (remoteIds.length >= samples) break;
  }
  return remoteIds.slice(0, samples);
};
