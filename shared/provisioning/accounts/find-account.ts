import type { Attributes, RemoteResource } from "../../model/attributes.ts";
import { isSoughtInList, pagesInDoubt } from "../attempts/accepted-creation.ts";
import { onlyMatch, ownOf } from "../attempts/only-match.ts";
import { ignoreFailure } from "../ports/ignore-failure.ts";
import type { ServiceProvider } from "../ports/service-provider.ts";
import type { UserContext } from "./user-context.ts";

/** The users that the provider finds by these names. */
export const lookUpUsers = (provider: ServiceProvider, names: Attributes): Promise<RemoteResource[]> =>
  provider.findUsers(String(names.userName), externalIdOf(names));

const externalIdOf = ({ externalId }: Attributes): string | undefined =>
  externalId === undefined ? undefined : String(externalId);

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
  names: Attributes,
): Promise<RemoteResource | undefined> => {
  const id = externalIdOf(names);
  if (id === undefined || ports.profileOf(integration).userFilter !== "userName") return undefined;
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
  names: Attributes,
): Promise<RemoteResource | undefined> => {
  const userName = String(names.userName);
  return onlyMatch(await provider.listUsers(userName, externalIdOf(names)), userName);
};

/**
 * What a creation that is in doubt may have made, for where the filters find nothing. @throws Failure
 * `provider-rejected` for several
 */
export const findInDoubt = async (
  { provider }: UserContext,
  names: Attributes,
): Promise<RemoteResource | undefined> => {
  const userName = String(names.userName);
  const id = externalIdOf(names);
  const listed = await provider.listUsers(userName, id, pagesInDoubt).catch(ignoreFailure);
  return onlyMatch(ownOf(listed ?? [], id), userName);
};

/** What a look-up has found, else what an earlier creation has made, where one is in doubt. */
export const orInDoubt = async (
  work: UserContext,
  names: Attributes,
  found: RemoteResource | undefined,
): Promise<RemoteResource | undefined> =>
  !found && isSoughtInList(work.link.observed, work.ports.clock.now()) ? findInDoubt(work, names) : found;
