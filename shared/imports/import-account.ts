import { changeDirectoryUser } from "../directory/change-directory-user.ts";
import { recordDirectoryEvent } from "../directory/record-change.ts";
import type { SavedUser } from "../model/directory.ts";
import { Failure } from "../model/failure.ts";
import type { ImportPick, ImportRow } from "../model/import.ts";
import { claimAccount } from "../provisioning/accounts/claim-account.ts";
import { notingEvents } from "../provisioning/attempts/noting-events.ts";
import type { EventRecord } from "../provisioning/ports/event-log.ts";
import type { Context } from "../provisioning/ports/ports.ts";
import { readUserState } from "../provisioning/users/user-state.ts";
import type { Account, Match } from "./account-items.ts";
import { linkAccount, linkRefusal } from "./link-account.ts";
import { idOf, type NewUser, newUserOf } from "./new-user.ts";
import { titleOf } from "./shown-account.ts";

/** An account that is to be imported, whose it is, and as whom. */
export type Picked = { account: Account; match: Match; pick: ImportPick };
type Importing = Context & {
  jobId: string;
  matched: "skip" | "link";
  /** Who manages: the user of an account, as far as it is linked. */
  managerOf: (remoteId: string) => string | undefined;
};

/**
 * Take one account into the directory, or say why not. The claim comes first, then the user, then the link: cut off
 * anywhere, the same again goes on, and knows a user whom this job has made by what is kept with them.
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

const ofOne: ReadonlySet<string> = new Set(["account-claimed", "invalid-input", "not-found"]);

type Result = Omit<ImportRow, "remoteId">;

const failed = (error: string): Result => ({ result: "failed", error });

const importOne = async (work: Importing, { account, match, pick }: Picked): Promise<Result> => {
  const [known] = match.userIds;
  const { userId: wanted } = pick;
  if (match.status === "linked" && known !== undefined) {
    if (wanted !== undefined && wanted !== known)
      return {
        ...failed(`The account is that of user ${known} already, and not of ${wanted}.`),
        userId: known,
      };
    const saved = await work.ports.users.read(known);
    return { userId: known, result: isOfJob(work, saved) ? "created" : "linked" };
  }
  const userId = wanted ?? idOf(account);
  const saved = userId === undefined ? undefined : await work.ports.users.read(userId);
  if (userId !== undefined && isOfJob(work, saved)) return create(work, userId, account);
  if (match.userIds.length > 0) return importMatched(work, { account, match, pick });
  if (userId === undefined)
    return failed(
      `The userName of account ${titleOf(account)} cannot be an id here: that takes 1–128 of A–Z a–z 0–9 . _ @ : + -. Import the account by itself, and name an id with userId.`,
    );
  if (saved && !saved.deleted) {
    if (wanted !== undefined) return link(work, wanted, account);
    return failed(
      `The directory has a user ${userId} who is another: neither externalId, userName nor address is the account's. Import the account by itself, and name another id with userId, or ${userId} where it is theirs.`,
    );
  }
  if (saved?.deleted && wanted === undefined)
    return failed(
      `User ${userId} has left the directory. Import the account by itself with userId ${userId} to bring them back, or with another.`,
    );
  return create(work, userId, account);
};

const importMatched = async (work: Importing, { account, match, pick }: Picked): Promise<Result> => {
  const { userIds, status } = match;
  const [only] = userIds;
  if (pick.userId !== undefined && !userIds.includes(pick.userId))
    return failed(
      `Account ${titleOf(account)} is by its names that of user ${userIds.join(", ")}, and not of ${pick.userId}. Name one of these with userId, or save their names otherwise first.`,
    );
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

const link = async (work: Importing, userId: string, account: Account): Promise<Result> => {
  const refusal = await linkAccount(work, userId, account);
  return refusal === undefined ? { userId, result: "linked" } : { ...failed(refusal), userId };
};

const create = async (work: Importing, userId: string, account: Account): Promise<Result> => {
  const made = newUserOf(account, work.integration.attributeMappings);
  if (typeof made === "string") return failed(made);
  // Whom the account belongs to by now is known before anybody is made.
  const { link: before } = await readUserState(work.ports, work.integration.integrationId, userId);
  const refused = linkRefusal(work, before, account);
  if (refused !== undefined) return failed(refused);
  await claimAccount({ ...work, link: before }, account.remoteId);
  await saveUser(work, userId, made);
  const refusal = await linkAccount(work, userId, account);
  const note = made.note === undefined ? {} : { note: made.note };
  return refusal === undefined
    ? { userId, result: "created", ...note }
    : { ...failed(`User ${userId} was made, and has no account yet. ${refusal}`), userId, ...note };
};

/**
 * Save the user, and have the event of it on record.
 * @throws Failure `invalid-input` where somebody else has made a user of that id meanwhile; `audit-unavailable`
 */
const saveUser = async (
  work: Importing,
  userId: string,
  { user, managerRemoteId }: NewUser,
): Promise<void> => {
  const manager = managerRemoteId === undefined ? undefined : work.managerOf(managerRemoteId);
  const events: EventRecord[] = [];
  const noting = { ...work, ports: notingEvents(work.ports, events) };
  const saved = await changeDirectoryUser(noting, userId, (before) => {
    if (!before || before.deleted) return { user: { ...user, ...(manager !== undefined && { manager }) } };
    if (isOfJob(work, before)) return undefined;
    throw new Failure("invalid-input", `Somebody has just made a user ${userId}. Import the account again.`);
  });
  // Nobody holds a user who is new, so nobody else would write it.
  if (saved && events.length === 0) await recordDirectoryEvent(work.ports, saved);
};

/** Whether this job has made the user, before its worker died. */
const isOfJob = ({ jobId }: Importing, saved: SavedUser | undefined): boolean =>
  saved !== undefined && !saved.deleted && saved.asked?.correlation.id === jobId;
