import type { Integration } from "../../model/integration.ts";
import { waitingStates } from "../../model/work.ts";
import { dueWork } from "../automatic/due-work.ts";
import type { Ports } from "../ports/ports.ts";

/** Since when the oldest work of an integration has been due (Unix ms), whether it may be sent or not; undefined where none is. */
export const oldestDueOf = async (
  ports: Pick<Ports, "work" | "clock">,
  integration: Integration,
): Promise<number | undefined> => {
  const found = await Promise.all(
    ([0, 1] as const).map((urgency) =>
      dueWork(ports, integration, { urgency, limit: 1, states: waitingStates }),
    ),
  );
  const times = found.flat().map(({ at }) => at);
  return times.length > 0 ? Math.min(...times) : undefined;
};
