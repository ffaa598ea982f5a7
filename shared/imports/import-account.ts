import { Failure } from "../model/failure.ts";
import type { ImportRow } from "../model/import.ts";
import type { Account } from "./account-items.ts";
import { failed, type Importing, type Picked, type Result } from "./importing.ts";
import { linkAccount } from "./link-account.ts";
import { isOfJob, MadeMeanwhile, makeUser } from "./make-user.ts";
import { matchAccounts } from "./match-accounts.ts";
import { idOf } from "./new-user.ts";
import { replacedAccount } from "./replaced-account.ts";
import { titleOf } from "./shown-account.ts";

/**
 * Take one account into the directory, or say why not. Cut off anywhere, the same again goes on, and knows a user whom this job
 * has made by what is kept with them.
 */
export const importAccount = async (work: Importing, picked: Picked): Promise<ImportRow> => {
  const { remoteId } = picked.account;
  try {
    return { remoteId, ...(await importOne(work, picked)) };
  } catch (error) {
    // It is about this account; what is not is the job's to repeat.
    if (!(error instanceof Failure) || !ofOne.has(error.code)) throw error;
    return { remoteId, result: "failed", error: error.detail };
  }
};

const ofOne: ReadonlySet<string> = new Set([
  "account-claimed",
  "invalid-input",
  "not-found",
  "provider-malformed",
  "provider-rejected",
]);

const importOne = async (work: Importing, picked: Picked): Promise<Result> => {
  const { account, match, pick } = picked;
  const [known] = match.userIds;
  if (match.status === "linked" && known !== undefined) return alreadyLinked(work, pick.userId, known);
  const userId = pick.userId ?? idOf(account);
  const saved = userId === undefined ? undefined : await work.ports.users.read(userId);
  if (userId !== undefined && isOfJob(work, saved)) return makeUser(work, userId, account);
  if (match.userIds.length > 0) return importMatched(work, picked);
  if (userId === undefined)
    return failed(
      `The userName of account ${titleOf(account)} cannot be an id here: that takes 1–128 of A–Z a–z 0–9 . _ @ : + -. Import the account by itself, and name an id with userId.`,
    );
  if (saved && !saved.deleted && pick.userId !== undefined) return link(work, userId, account);
  if (saved && !saved.deleted)
    return lookAgain(work, picked, () =>
      failed(
        `The directory has a user ${userId} who is another: neither externalId, userName nor address is the account's. Import the account by itself, and name another id with userId, or ${userId} where it is theirs.`,
      ),
    );
  if (saved?.deleted && pick.userId === undefined)
    return failed(
      `User ${userId} has left the directory. Import the account by itself with userId ${userId} to bring them back, or with another.`,
    );
  try {
    return await makeUser(work, userId, account);
  } catch (error) {
    if (!(error instanceof MadeMeanwhile)) throw error;
    return lookAgain(work, picked, () => failed(error.detail));
  }
};

const alreadyLinked = async (
  work: Importing,
  wanted: string | undefined,
  userId: string,
): Promise<Result> => {
  if (wanted !== undefined && wanted !== userId)
    return { ...failed(`The account is that of user ${userId} already, and not of ${wanted}.`), userId };
  const saved = await work.ports.users.read(userId);
  return { userId, result: isOfJob(work, saved) ? "created" : "linked" };
};

/** Somebody has made a user since it was looked up whose the account is: it is done with them as it is with any who match. */
const lookAgain = async (
  work: Importing,
  { account, pick }: Picked,
  otherwise: () => Result,
): Promise<Result> => {
  const match = (await matchAccounts(work, [account], work.job)).get(account.remoteId);
  const [known] = match?.userIds ?? [];
  if (!match || known === undefined) return otherwise();
  if (match.status === "linked") return alreadyLinked(work, pick.userId, known);
  return importMatched(work, { account, match, pick });
};

const importMatched = async (work: Importing, { account, match, pick }: Picked): Promise<Result> => {
  const { userIds, status } = match;
  const [only] = userIds;
  if (pick.userId !== undefined && !userIds.includes(pick.userId))
    return failed(
      `Account ${titleOf(account)} is by its names that of user ${userIds.join(", ")}, and not of ${pick.userId}. Name one of these with userId, or save their names otherwise first.`,
    );
  const isToLink = pick.userId !== undefined || work.matched === "link";
  const replaced =
    isToLink && status === "conflict" && only !== undefined && userIds.length === 1
      ? await replacedAccount(work, only)
      : undefined;
  if (replaced !== undefined && only !== undefined) return link(work, only, account, replaced);
  if (pick.userId !== undefined) return link(work, pick.userId, account);
  if (status === "conflict" && userIds.length > 1)
    return failed(
      `Several users match account ${titleOf(account)}: ${userIds.join(", ")}. Import it by itself, and name with userId whose it is.`,
    );
  if (status === "conflict")
    return failed(
      `User ${only} matches account ${titleOf(account)}, and has another account at the service provider already. Delete one of the two there, or give it other names.`,
    );
  if (only !== undefined && work.matched === "link") return link(work, only, account);
  return {
    ...(only !== undefined && { userId: only }),
    result: "skipped",
    error: `User ${only} matches account ${titleOf(account)}. Import it with matched: "link", or name them with userId, to link it.`,
  };
};

const link = async (
  work: Importing,
  userId: string,
  account: Account,
  replaced?: string,
): Promise<Result> => {
  const refusal = await linkAccount(work, userId, { account, isTold: true, replaced });
  return refusal === undefined ? { userId, result: "linked" } : { ...failed(refusal), userId };
};
