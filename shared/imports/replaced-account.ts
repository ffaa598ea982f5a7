import { remoteIdAt } from "../model/link.ts";
import type { Context } from "../provisioning/ports/ports.ts";
import { readUserState } from "../provisioning/users/user-state.ts";
import { openReader, reading } from "../verification/open-reader.ts";
import { readPatiently } from "../verification/read-patiently.ts";

/**
 * The account on record of a user, where the service provider says that it is gone: somebody has replaced it there. Undefined
 * where it is there, or somebody works on it.
 * @throws Failure of the service provider
 */
export const replacedAccount = async (context: Context, userId: string): Promise<string | undefined> => {
  const { ports, integration } = context;
  const { link } = await readUserState(ports, integration.integrationId, userId);
  const remoteId = remoteIdAt(integration, link.observed);
  if (remoteId === undefined || link.attempt) return undefined;
  const provider = await openReader(context);
  const account = await reading(context, `Reading account ${remoteId} of user ${userId} failed`, () =>
    readPatiently(context, link.observed, () => provider.readUser(remoteId)),
  );
  return account ? undefined : remoteId;
};
