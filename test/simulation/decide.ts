import { decideHold } from "../../shared/provisioning/holds/decide-hold.ts";
import { getHold, listHolds } from "../../shared/provisioning/holds/list-holds.ts";
import type { Call, Ports } from "../../shared/provisioning/ports/ports.ts";
import type { Step } from "./model.ts";

const all = { limit: 100 };

/** As somebody who looks at the open holds, and approves or rejects one of them, or one person in it. */
export const decide = async (
  { ports, call }: { ports: Ports; call: Call },
  integrationId: string,
  { verdict, hold: nth, person, isOff }: Extract<Step, { do: "decide" }>,
): Promise<string> => {
  const { items: holds } = await listHolds(ports, integrationId, { ...all, state: "open" });
  const hold = holds[nth % holds.length];
  if (!hold) return "no hold";
  const { items } = await getHold(ports, hold, all);
  const people = [...new Set(items.flatMap(({ state, userId }) => (state === "held" ? [userId] : [])))];
  const one = person === undefined ? undefined : people[person % people.length];
  const count = (one === undefined ? people.length : 1) + (isOff ? 1 : 0);
  const input = { count, ...(one !== undefined && { userIds: [one] }) };
  const { state } = await decideHold({ ports, call }, hold, verdict, input);
  return `${verdict} ${one ?? people}, hold is ${state}`;
};
