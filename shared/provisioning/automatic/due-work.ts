import type { WaitingState } from "../../model/work.ts";
import type { Ports } from "../ports/ports.ts";
import type { WorkRef } from "../ports/work-index.ts";

/** States that come due by themselves. */
const dueStates: WaitingState[] = ["pending", "retrying", "unconfirmed", "failed"];

/** What is due at an integration now, of that urgency, the earliest first; at most `limit` of each state. */
export const dueWork = async (
  { work, clock }: Ports,
  integrationId: string,
  urgency: 0 | 1,
  limit: number,
): Promise<WorkRef[]> => {
  const page = { until: clock.now(), limit };
  const found = await Promise.all(
    dueStates.map((state) => work.waiting(integrationId, state, urgency, page)),
  );
  return found.flat().toSorted((one, other) => one.at - other.at);
};

export const isAnythingDue = async (ports: Ports, integrationId: string): Promise<boolean> => {
  const found = await Promise.all([dueWork(ports, integrationId, 0, 1), dueWork(ports, integrationId, 1, 1)]);
  return found.flat().length > 0;
};
