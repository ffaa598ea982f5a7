import type { Attributes, RemoteResource } from "../model/attributes.ts";
import { Failure } from "../model/failure.ts";
import type { UserObserved } from "../model/link.ts";
import { findAccepted } from "./accepted-creation.ts";
import { claimAccount, compareAccount, findAccount, owned } from "./adopt-account.ts";
import { failed, failureOf } from "./provider-failure.ts";
import type { UserWork, UserWorked } from "./user-work.ts";

const eventType = "user_lookup_provision";

/** What an account is looked up by. */
export const namesOf = ({ userName, externalId }: Attributes): Attributes => ({
  ...(userName !== undefined && { userName }),
  ...(externalId !== undefined && { externalId }),
});

/**
 * A creation was sent, nobody knows what became of it, and the user is to have no account any more, or one of another
 * name: look for it, so that no account stays open that nobody knows of. The next plan goes on from what is found.
 */
export const findMaybeCreated = async (work: UserWork, sought: Attributes): Promise<UserWorked> => {
  let account: RemoteResource | undefined;
  try {
    account = await findOwn(work, sought);
  } catch (error) {
    const failure = await failureOf(work, error, `Looking up ${String(sought.userName)} failed`);
    const outcome = failed(failure, eventType, [], work.provider);
    return { outcome, observed: work.link.observed, failure };
  }
  const found = account ? "An account is there" : "No account is there";
  return {
    outcome: {
      success: true,
      eventType,
      changes: [],
      answer: work.provider.lastAnswer(),
      notes: [`${found} of a creation whose outcome was unknown.`],
    },
    observed: account
      ? owned(work, account.id, compareAccount(account, { ...sought, active: true }, work.link).known)
      : withoutDoubt(work.link.observed),
  };
};

/** The account of these names, unless it is another user's. */
const findOwn = async (work: UserWork, sought: Attributes): Promise<RemoteResource | undefined> => {
  const { ports, integration, link, sendUntil } = work;
  const find = () => findAccount(work.provider, sought);
  const account = await (link.observed.acceptedAt ? findAccepted(ports.clock, sendUntil, find) : find());
  if (!account) return undefined;
  try {
    await claimAccount(ports, integration, link.id, account.id);
    return account;
  } catch (error) {
    if (error instanceof Failure && error.code === "account-claimed") return undefined;
    throw error;
  }
};

const withoutDoubt = ({ maybeCreated: _, ...observed }: UserObserved): UserObserved => observed;
