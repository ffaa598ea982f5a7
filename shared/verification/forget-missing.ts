import type { UserObserved } from "../model/link.ts";
import type { Context } from "../provisioning/ports/ports.ts";
import { openReader, reading } from "./open-reader.ts";
import { lookAndKeep } from "./repair-user.ts";

/** Whether a verification has read the account by its id, and it was not there, and nothing was sent since. */
export const isKnownMissing = ({ remoteId, unconfirmed }: UserObserved): boolean =>
  remoteId !== undefined && unconfirmed?.seen.id === null && unconfirmed.expected.id === remoteId;

/**
 * Look once more at an account that is known to be missing, and forget it where it is: what is wanted is then made, after a
 * look-up, and not sent to an account that is gone.
 * @throws Failure where the account cannot be read
 */
export const forgetMissing = async (context: Context, userId: string): Promise<void> => {
  const provider = await openReader(context);
  await reading(context, `Reading the account of user ${userId} failed`, () =>
    lookAndKeep(context, provider, userId),
  );
};
