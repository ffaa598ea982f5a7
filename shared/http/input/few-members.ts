import { Failure } from "../../model/failure.ts";

/** What one call can carry out, a part of it at a time, within a few times of its 25 s. */
const maxMembers = 10_000;

/**
 * @throws Failure `body-too-large` where a call names more members than one call takes; a repeated id counts once.
 * Before anything is done.
 */
export const requireFewMembers = (userIds: readonly string[]): void => {
  if (userIds.length <= maxMembers) return;
  throw new Failure(
    "body-too-large",
    `The call names ${userIds.length} members; at most ${maxMembers} are taken. Nothing was changed. Send them in parts, with POST …/members.`,
  );
};
