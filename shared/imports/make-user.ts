import { changeDirectoryUser } from "../directory/change-directory-user.ts";
import { recordDirectoryEvent } from "../directory/record-change.ts";
import type { SavedUser } from "../model/directory.ts";
import { Failure } from "../model/failure.ts";
import { claimAccount } from "../provisioning/accounts/claim-account.ts";
import { notingEvents } from "../provisioning/attempts/noting-events.ts";
import type { EventRecord } from "../provisioning/ports/event-log.ts";
import { readUserState } from "../provisioning/users/user-state.ts";
import type { Account } from "./account-items.ts";
import { failed, type Importing, type Result } from "./importing.ts";
import { linkAccount, linkRefusal } from "./link-account.ts";
import { type NewUser, newUserOf } from "./new-user.ts";

export class MadeMeanwhile extends Failure {
  constructor(userId: string) {
    super("invalid-input", `Somebody has just made a user ${userId}. Import the account again.`);
  }
}

/**
 * Make the directory user of an account, and link the account to them. The claim comes first, then the user, then the link: cut
 * off anywhere, the same again goes on.
 * @throws MadeMeanwhile where somebody else has made a user of that id; Failure `account-claimed`, `audit-unavailable`
 */
export const makeUser = async (work: Importing, userId: string, account: Account): Promise<Result> => {
  const made = newUserOf(account, work.integration.attributeMappings);
  if (typeof made === "string") return failed(made);
  // Whom the account belongs to by now is known before anybody is made.
  const { link: before } = await readUserState(work.ports, work.integration.integrationId, userId);
  const refused = linkRefusal(work, before, account);
  if (refused !== undefined) return failed(refused);
  await claimAccount({ ...work, link: before }, account.remoteId);
  await saveUser(work, userId, made);
  const refusal = await linkAccount(work, userId, { account, isTold: false });
  const note = made.note === undefined ? {} : { note: made.note };
  return refusal === undefined
    ? { userId, result: "created", ...note }
    : { ...failed(`User ${userId} was made, and has no account yet. ${refusal}`), userId, ...note };
};

/**
 * Save the user, and have the event of it on record.
 * @throws MadeMeanwhile where somebody else has made a user of that id; Failure `audit-unavailable`
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
    throw new MadeMeanwhile(userId);
  });
  // Nobody holds a user who is new, so nobody else would write it.
  if (saved && events.length === 0) await recordDirectoryEvent(work.ports, saved);
};

/** Whether this job has made the user, before its worker died. */
export const isOfJob = ({ job: { jobId } }: Importing, saved: SavedUser | undefined): boolean =>
  saved !== undefined && !saved.deleted && saved.asked?.correlation.id === jobId;
