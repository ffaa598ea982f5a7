import { readAttribute } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import type { UserLink, UserObserved } from "../../model/link.ts";
import { withoutAccount } from "../accounts/forget-account.ts";
import { locateAccount } from "../accounts/locate-account.ts";
import { withoutUncertain } from "../accounts/uncertain-values.ts";
import { requireOwn } from "../accounts/verify-account.ts";
import { requireOld } from "../attempts/fresh-creation.ts";
import { notThere } from "../attempts/provider-failure.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import type { ServiceProvider } from "../ports/service-provider.ts";

/** What is known of the account of a deletion now, and whether it was carried out. */
export const afterDeletion = async (
  { ports, integration }: IntegrationContext,
  provider: ServiceProvider,
  link: UserLink,
  remoteId: string | undefined,
): Promise<[UserObserved, boolean]> => {
  const { observed } = link;
  const account = remoteId ? await provider.readUser(remoteId) : undefined;
  requireOwn(integration, link, account);
  if (account && !wasShutOut(account, link)) return [observed, false];
  if (account && ports.profileOf(integration).delete === "deactivates")
    return [
      withoutUncertain({ ...observed, pushed: { ...observed.pushed, active: false } }, [{ path: "active" }]),
      true,
    ];
  if (account || !remoteId) return [withoutAccount(link), true];
  return [await withoutMissing({ ports, integration }, provider, link, remoteId), true];
};

/** What is known once an account is answered 404. @throws ProviderFailure where that is no proof that it is gone */
export const withoutMissing = async (
  { ports, integration: { integrationId, baseUrl } }: IntegrationContext,
  provider: ServiceProvider,
  link: UserLink,
  remoteId: string,
): Promise<UserObserved> => {
  requireOld(link.observed, ports.clock.now());
  const where = await locateAccount({ ports, provider, link }, remoteId, true);
  if (where !== "gone" && where !== "elsewhere") throw notThere();
  // It was found, and perhaps claimed, by this attempt.
  if (link.observed.remoteId !== remoteId)
    await ports.claims.release({ integrationId, kind: "user", baseUrl, remoteId, ownerId: link.id });
  return withoutAccount(link, where);
};

/** Where DELETE deactivates, an account that was active before and is not now has been "deleted". */
const wasShutOut = ({ resource }: RemoteResource, { observed }: UserLink): boolean =>
  observed.pushed?.active === true && readAttribute(resource, "active") === false;
