import { isInScope } from "../assignments/assignment.ts";
import { continueAct } from "../attempts/continue-act.ts";
import type { Call } from "../ports/ports.ts";
import type { UserRound } from "./user-rounds.ts";

/**
 * The call as it carries out what another has saved of the user: its events name who asked for that. They stay of the
 * call's own act, since one save may be carried out in many integrations. Where a group goes on that was asked for later
 * than the user was saved, that is what the call carries out.
 */
export const continueSaved = (call: Call, round: UserRound): Call => {
  const asked = round.saved?.asked;
  if (!asked || !isOfSaved(round, asked.at)) return call;
  const { requestedAt } = call.actor;
  if (requestedAt !== undefined && requestedAt > asked.at) return call;
  return continueAct({ ...call, isCorrelationGiven: true }, asked);
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
