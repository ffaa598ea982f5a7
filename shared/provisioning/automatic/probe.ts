import type { Integration } from "../../model/integration.ts";
import type { Quarantine } from "../../model/standing.ts";
import type { WaitingState } from "../../model/work.ts";
import { changeStanding } from "../attempts/standing.ts";
import type { Ports } from "../ports/ports.ts";
import type { WorkRef } from "../ports/work-index.ts";

/** So many of each state are looked at: the index may show what is done. */
const looked = 5;

/**
 * What may be tried to find out whether the provider is back, whatever its time; whose access has to end first. In quarantine
 * that is what has not been tried in this turn, so that one object that is refused for itself does not stand for all.
 */
export const probesOf = async (ports: Ports, integration: Integration): Promise<WorkRef[]> => {
  const { integrationId, standing } = integration;
  const { quarantine } = standing ?? {};
  if (!quarantine) return waiting(ports, integrationId, ["retrying"]);
  const states = statesIn(quarantine);
  const untried = await waiting(ports, integrationId, states, quarantine.turnSince);
  if (untried.length > 0) return untried;
  const turnSince = ports.clock.now();
  await changeStanding(ports, integrationId, (now) =>
    now.quarantine ? { ...now, quarantine: { ...now.quarantine, turnSince } } : undefined,
  );
  return waiting(ports, integrationId, states);
};

/** What was refused is tried where it is for the refusals that nothing else is. */
const statesIn = ({ refusal }: Quarantine): WaitingState[] =>
  refusal === undefined ? ["retrying", "pending"] : ["retrying", "pending", "failed"];

const waiting = async (
  { work, clock }: Ports,
  integrationId: string,
  states: WaitingState[],
  markedBefore?: number,
): Promise<WorkRef[]> => {
  const which = { limit: looked, ...(markedBefore !== undefined && { markedBefore }) };
  const of = async (urgency: 0 | 1): Promise<WorkRef[]> => {
    const found = await Promise.all(
      states.map((state) => work.waiting(integrationId, state, urgency, which)),
    );
    const now = clock.now();
    const due = found.map((refs, at) =>
      states[at] === "pending" ? refs.filter(({ at }) => at <= now) : refs,
    );
    return due.flat().toSorted((one, other) => one.at - other.at);
  };
  const urgent = await of(0);
  return urgent.length > 0 ? urgent : of(1);
};
