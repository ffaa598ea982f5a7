import { type WaitingState, waitingStates } from "../../model/work.ts";
import { isAmong, type WorkIndex, type WorkRef } from "../ports/work-index.ts";

const few = 50;

/**
 * The index for one look at everything. Where no more than a few links wait in a state, as is usual, they are read once,
 * whatever is asked of them afterwards.
 */
export const readOnce = (work: WorkIndex): WorkIndex => {
  const read = new Map<string, Promise<WorkRef[]>>();
  const firstOf = (integrationId: string, state: WaitingState): Promise<WorkRef[]> => {
    const name = `${state}@${integrationId}`;
    const known = read.get(name);
    if (known) return known;
    const asked = work.first(integrationId, state, few + 1);
    read.set(name, asked);
    asked.catch(() => read.delete(name));
    return asked;
  };

  return {
    ...work,
    async waiting(integrationId, state, urgency, which) {
      const waiting = waitingStates.find((one) => one === state);
      const first = waiting && (await firstOf(integrationId, waiting));
      if (!first || first.length > few) return work.waiting(integrationId, state, urgency, which);
      return first.filter((ref) => ref.urgency === urgency && isAmong(ref, which)).slice(0, which.limit);
    },
  };
};
