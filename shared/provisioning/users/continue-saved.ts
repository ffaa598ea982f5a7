import { isActive } from "../../model/directory.ts";
import { isInScope } from "../assignments/assignment.ts";
import { continueAct } from "../attempts/continue-act.ts";
import { servedOfUser } from "../attempts/served-changes.ts";
import type { Call } from "../ports/ports.ts";
import type { UserRound } from "./user-rounds.ts";

/**
 * The call as it carries out what another has saved of the user: its events name who asked for that. They stay of the
 * call's own act, since one save may be carried out in many integrations. Where a group goes on that was asked for later
 * than the user was saved, that is what the call carries out, and how many changes of the group that are is told by the
 * event of the group.
 */
export const continueSaved = ({ serves: _, ...call }: Call, round: UserRound): Call => {
  const { saved, link } = round;
  if (!saved?.asked || !isOfSaved(round, saved.asked.at)) return call;
  const { continuesFrom } = call;
  if (continuesFrom !== undefined && continuesFrom > saved.asked.at) return call;
  const isClosing = saved.deleted || !isActive(saved.user);
  const serves = servedOfUser(saved, link.observed, isClosing);
  // One save may be carried out in many integrations by the same call. The service itself is of no act but that of the save.
  const acting = call.isAutomatic ? call : { ...call, isCorrelationGiven: true };
  return continueAct(acting, saved.asked, serves);
};

/** Whether the latest change of the user is what is to be sent, rather than a change of who holds them. */
const isOfSaved = ({ saved, link, toAssign }: UserRound, savedAt: string): boolean => {
  const { version, lastError, lastSuccessAt, pushed } = link.observed;
  // What was never looked at, and an account that this call gives back, is sent since somebody is assigned.
  if (version === undefined || (toAssign && pushed?.active !== true)) return false;
  if (!saved?.deleted && !isInScope(link.assignment)) return false;
  const hasFailed = lastError !== undefined && lastSuccessAt !== undefined && lastSuccessAt < savedAt;
  return version !== saved?.version || hasFailed;
};
