import { isDeepStrictEqual } from "node:util";
import { omit } from "../../common/objects.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import { failedOutcome, noteFailure } from "../attempts/provider-failure.ts";
import { isKnownAs } from "../attempts/shown-name.ts";
import { accountNames } from "./account-names.ts";
import { adoptAccount } from "./adopt-account.ts";
import { createAccount } from "./create-account.ts";
import { findSpelled, orInDoubt } from "./find-account.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";
import type { UserPlan } from "./user-plan.ts";

type Provision = Extract<UserPlan, { kind: "provision" }>;

/**
 * No account is known: look it up, unless the call has just done so, then adopt exactly one verified match or create.
 * Ends with an account that is claimed for this user, or with a recorded failure; never with a second account.
 */
export const provisionAccount = async (
  work: UserContext,
  { next, spelled, verify }: Provision,
): Promise<UserOutcome> => {
  const userName = String(next.userName);
  let found: RemoteResource | undefined;
  try {
    found =
      (verify && (await readOwn(work, verify, userName))) ||
      (isDeepStrictEqual(work.absent, accountNames(next))
        ? undefined
        : await orInDoubt(work, next, await findSpelled(work, next, spelled)));
  } catch (error) {
    const failure = await noteFailure(work, error, `Looking up ${userName} failed`);
    const outcome = failedOutcome(
      failure,
      { eventType: "user_lookup_provision", changes: [] },
      work.provider,
    );
    // An account may be there: one who is to go by then is looked for first.
    const { observed } = work.link;
    return { outcome, observed: verify ? observed : { ...observed, unseen: accountNames(next) }, failure };
  }
  const seen = { ...work, link: { ...work.link, observed: omit(work.link.observed, "unseen") } };
  const adopted = found && (await adoptAccount(seen, next, found));
  return adopted ?? createAccount(seen, next, spelled);
};

/** The account under an id that was learned under another base URL, if it still is this user's. */
const readOwn = async (
  work: UserContext,
  remoteId: string,
  userName: string,
): Promise<RemoteResource | undefined> => {
  const account = await work.provider.readUser(remoteId);
  return account && isKnownAs(account, work.link.observed, [userName]) ? account : undefined;
};
