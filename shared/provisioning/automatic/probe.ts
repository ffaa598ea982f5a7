import { omit } from "../../common/objects.ts";
import type { Integration } from "../../model/integration.ts";
import type { Quarantine } from "../../model/standing.ts";
import type { WaitingState } from "../../model/work.ts";
import { changeStanding } from "../attempts/standing.ts";
import type { Ports } from "../ports/ports.ts";
import type { Which, WorkRef } from "../ports/work-index.ts";

/** So many of each state are looked at: the index may show what is done. */
const looked = 5;
/** After so many removals in a turn it is the turn of all else. */
const mostRemovals = 200;

/**
 * What may be tried to find out whether the provider is back, whatever its time; whose access has to end first. In quarantine
 * that is what has not been a probe in this turn, so that one object that is refused for itself does not stand for all: a
 * removal goes first also where it was asked for, or a call has tried it, during the turn.
 */
export const probesOf = async (ports: Ports, integration: Integration): Promise<WorkRef[]> => {
  const { integrationId, standing } = integration;
  const { quarantine } = standing ?? {};
  if (!quarantine) return waiting(ports, integrationId, ["retrying"]);
  const states = statesIn(quarantine);
  const removals = await untriedRemovals(ports, integrationId, states, quarantine);
  if (removals.length > 0) return removals;
  const untried = await waitingOf(ports, integrationId, {
    states,
    urgency: 1,
    markedBefore: quarantine.turnSince,
  });
  if (untried.length > 0) return untried;
  const turnSince = ports.clock.now();
  await changeStanding(ports, integrationId, (now) =>
    now.quarantine
      ? { ...now, quarantine: { ...omit(now.quarantine, "removalsTried"), turnSince } }
      : undefined,
  );
  return waiting(ports, integrationId, states);
};

/** The removal has had its turn in the quarantine. Whether anything else has, its mark tells. */
export const noteTried = async (ports: Ports, { kind, key, urgency }: WorkRef): Promise<void> => {
  if (urgency !== 0) return;
  await changeStanding(ports, key.integrationId, (now) =>
    now.quarantine
      ? {
          ...now,
          quarantine: {
            ...now.quarantine,
            removalsTried: [...(now.quarantine.removalsTried ?? []), `${kind} ${key.id}`],
          },
        }
      : undefined,
  );
};

const untriedRemovals = async (
  ports: Ports,
  integrationId: string,
  states: WaitingState[],
  { removalsTried = [] }: Quarantine,
): Promise<WorkRef[]> => {
  if (removalsTried.length >= mostRemovals) return [];
  const tried = new Set(removalsTried);
  const found = await waitingOf(ports, integrationId, { states, urgency: 0, limit: looked + tried.size });
  return found.filter(({ kind, key }) => !tried.has(`${kind} ${key.id}`)).slice(0, looked);
};

/** What was refused is tried where it is for the refusals that nothing else is. */
const statesIn = ({ refusal }: Quarantine): WaitingState[] =>
  refusal === undefined ? ["retrying", "pending"] : ["retrying", "pending", "failed"];

const waiting = async (ports: Ports, integrationId: string, states: WaitingState[]): Promise<WorkRef[]> => {
  const urgent = await waitingOf(ports, integrationId, { states, urgency: 0 });
  return urgent.length > 0 ? urgent : waitingOf(ports, integrationId, { states, urgency: 1 });
};

const waitingOf = async (
  { work, clock }: Ports,
  integrationId: string,
  { states, urgency, ...which }: { states: WaitingState[]; urgency: 0 | 1 } & Partial<Which>,
): Promise<WorkRef[]> => {
  const found = await Promise.all(
    states.map((state) => work.waiting(integrationId, state, urgency, { limit: looked, ...which })),
  );
  const now = clock.now();
  const due = found.map((refs, at) => (states[at] === "pending" ? refs.filter(({ at }) => at <= now) : refs));
  return due.flat().toSorted((one, other) => one.at - other.at);
};
