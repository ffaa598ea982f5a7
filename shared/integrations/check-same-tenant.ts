import { allPages } from "../common/all-pages.ts";
import { isOpenForSure } from "../model/account-facts.ts";
import { Failure } from "../model/failure.ts";
import type { Integration } from "../model/integration.ts";
import type { UserLink, UserObserved } from "../model/link.ts";
import type { Profile } from "../model/profile.ts";
import { toFailure } from "../provisioning/attempts/provider-failure.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { ProviderFailure } from "../provisioning/ports/provider-failure.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { maybeSameAccount } from "./same-account.ts";
import { type FailedTest, failedTest } from "./test-target.ts";

/** Accounts that are read with the new secret, to tell whether it opens the same tenant. */
const samples = 3;

/**
 * Failure `different-tenant` where none of the linked accounts that must be there is, as the person it was: the new secret,
 * which `provider` is opened with, opens another tenant, where the same ids are nobody or other people. `failedCode`, or
 * `provider-unavailable`, where that cannot be told.
 */
export const otherTenantReason = async (
  ports: Ports,
  now: Integration,
  provider: ServiceProvider,
  failedCode: FailedTest,
): Promise<Failure | undefined> => {
  const linked = await linkedAccounts(ports, now);
  if (linked.length === 0) return undefined;
  try {
    for (const { remoteId, observed } of linked) {
      const account = await provider.readUser(remoteId);
      if (account && maybeSameAccount(observed, account)) return undefined;
    }
  } catch (error) {
    if (error instanceof ProviderFailure) {
      const { detail } = toFailure(error, "Reading a linked account with the new credentials failed");
      return failedTest(error, `${detail} The old credentials stay.`, failedCode);
    }
    throw error;
  }
  return new Failure(
    "different-tenant",
    `None of the linked accounts (${linked.map(({ remoteId }) => remoteId).join(", ")}) is found with the new credentials as the person it was: they seem to open another tenant. The old credentials stay.`,
  );
};

/** An account on record, and what is known of it. */
type LinkedAccount = { remoteId: string; observed: UserObserved };

/**
 * The account of a link, unless it may be gone: its deletion, or what else ends it, may have been carried out. Where DELETE
 * deactivates, a closed one may have been closed by that, and some show nobody what they have deleted.
 */
const certainlyThere = (
  { assignment, observed, attempt }: UserLink,
  { delete: deletion }: Pick<Profile, "delete">,
): LinkedAccount[] => {
  const { remoteId, pushed = {}, uncertain = {} } = observed;
  const isInDoubt = "active" in uncertain && !("active" in pushed);
  const mayBeDeleted = deletion === "deactivates" && !isOpenForSure(observed);
  const mayBeGone = attempt !== undefined || assignment.removal === "delete" || isInDoubt || mayBeDeleted;
  return remoteId === undefined || mayBeGone ? [] : [{ remoteId, observed }];
};

/** Up to three accounts of the integration that must be there. */
export const linkedAccounts = async (ports: Ports, integration: Integration): Promise<LinkedAccount[]> => {
  const { integrationId, baseUrl } = integration;
  const profile = ports.profileOf(integration);
  const linked: LinkedAccount[] = [];
  for await (const links of allPages((page) => ports.userLinks.list(integrationId, page), 100)) {
    for (const link of links)
      if (link.observed.baseUrl === baseUrl) linked.push(...certainlyThere(link, profile));
    if (linked.length >= samples) break;
  }
  return linked.slice(0, samples);
};
