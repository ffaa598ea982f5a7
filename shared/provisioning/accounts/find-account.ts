import type { Attributes, RemoteResource } from "../../model/attributes.ts";
import { isSoughtInList, pagesInDoubt } from "../attempts/accepted-creation.ts";
import { onlyMatch, ownOf } from "../attempts/only-match.ts";
import { ignoreFailure } from "../ports/ignore-failure.ts";
import type { ServiceProvider } from "../ports/service-provider.ts";
import type { UserContext } from "./user-context.ts";

/** The users that the provider finds by these names. */
export const lookUpUsers = (
  provider: ServiceProvider,
  { userName, externalId }: Attributes,
): Promise<RemoteResource[]> =>
  provider.findUsers(String(userName), externalId === undefined ? undefined : String(externalId));

/**
 * The account that the provider's lookup finds for these attributes, if it is only one. @throws Failure
 * `provider-rejected` for several
 */
export const findAccount = async (
  provider: ServiceProvider,
  names: Attributes,
): Promise<RemoteResource | undefined> =>
  onlyMatch(await lookUpUsers(provider, names), String(names.userName));

/** The one that has our externalId under another name: what a 409 means where externalId is unique as well. */
export const findByExternalId = async (
  { provider, ports, integration }: UserContext,
  { externalId }: Attributes,
): Promise<RemoteResource | undefined> => {
  if (externalId === undefined || ports.profileOf(integration).userFilter !== "userName") return undefined;
  const id = String(externalId);
  return onlyMatch(await provider.findUsersByExternalId(id), id);
};

/**
 * The account under the names that are sent, else under those that the directory itself spells otherwise (`spelled`), as
 * far as the profile looks users up by them. @throws Failure `provider-rejected` for several
 */
export const findSpelled = async (
  { provider, ports, integration }: UserContext,
  next: Attributes,
  spelled: Attributes,
): Promise<RemoteResource | undefined> => {
  const found = await findAccount(provider, next);
  const { userFilter } = ports.profileOf(integration);
  const isOther = spelled[userFilter === "userName" ? "userName" : "externalId"] !== undefined;
  return found || !isOther ? found : findAccount(provider, { ...next, ...spelled });
};

/** What a 409 is about that the filters do not find. @throws Failure `provider-rejected` for several */
export const findInList = async (
  { provider }: UserContext,
  { userName, externalId }: Attributes,
): Promise<RemoteResource | undefined> => {
  const id = externalId === undefined ? undefined : String(externalId);
  return onlyMatch(await provider.listUsers(String(userName), id), String(userName));
};

/**
 * What a creation that is in doubt may have made, for where the filters find nothing. @throws Failure
 * `provider-rejected` for several
 */
export const findInDoubt = async (
  { provider }: UserContext,
  { userName, externalId }: Attributes,
): Promise<RemoteResource | undefined> => {
  const id = externalId === undefined ? undefined : String(externalId);
  const listed = await provider.listUsers(String(userName), id, pagesInDoubt).catch(ignoreFailure);
  return onlyMatch(ownOf(listed ?? [], id), String(userName));
};

/** Whether that is to be asked for, after a look-up that has found nothing. */
export const isInDoubt = ({ link, ports }: UserContext): boolean =>
  isSoughtInList(link.observed, ports.clock.now());
