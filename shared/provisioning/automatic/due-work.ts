import type { Integration } from "../../model/integration.ts";
import { isLeftState, type Work, type WorkState } from "../../model/work.ts";
import { longestCall } from "../attempts/left-to-call.ts";
import { dueBefore } from "../attempts/standing.ts";
import type { Ports } from "../ports/ports.ts";
import type { Which, WorkRef } from "../ports/work-index.ts";

/** States that come due by themselves. */
export const dueStates: WorkState[] = ["pending", "retrying", "unconfirmed", "failed", "in_sync"];

type Asked = { urgency: 0 | 1; limit: number; states?: readonly WorkState[] };

/** What is due at an integration now, of that urgency, the earliest first; at most `limit` of each state. */
export const dueWork = async (
  { work, clock }: Pick<Ports, "work" | "clock">,
  integration: Integration,
  { urgency, limit, states = dueStates }: Asked,
): Promise<(WorkRef & Pick<Work, "state">)[]> => {
  const until = clock.now();
  const found = await Promise.all(
    states.map(async (state) => {
      // Nobody who is in step is to lose access.
      if (state === "in_sync" && urgency === 0) return [];
      const markedBefore = dueBefore(integration, state);
      const wokenUntil = state === "pending" ? wokenAt(integration) + longestCall : until;
      const which: Which = {
        until: Math.max(until, wokenUntil),
        limit,
        ...(markedBefore !== undefined && { markedBefore }),
      };
      const refs = await work.waiting(integration.integrationId, state, urgency, which);
      const marked = refs.map((ref) => ({ ...ref, state }));
      return marked.filter((ref) => isDue({ clock }, integration, ref));
    }),
  );
  return found.flat().toSorted((one, other) => one.at - other.at);
};

/** When the integration was last made active again, by a call or by itself: Unix ms. */
const wokenAt = ({ wokenAt: at = 0, standing }: Integration): number =>
  Math.max(at, standing?.healedAt ? Date.parse(standing.healedAt) : 0);

/** Whether the mark is of what is due, as the link tells. */
export const isDue = (
  { clock }: Pick<Ports, "clock">,
  integration: Integration,
  { state, at, setAt, isGrace }: Pick<Work, "state" | "at" | "setAt" | "isGrace">,
): boolean => {
  if (state === "held" || isLeftState(state)) return false;
  if (at <= clock.now() || setAt < (dueBefore(integration, state) ?? 0)) return true;
  // What calls have saved meanwhile was left to them, and they could send nothing.
  const woken = wokenAt(integration);
  return state === "pending" && !isGrace && setAt < woken && at <= woken + longestCall;
};

export const isAnythingDue = async (ports: Ports, integration: Integration): Promise<boolean> => {
  const found = await Promise.all(
    ([0, 1] as const).map((urgency) => dueWork(ports, integration, { urgency, limit: 1 })),
  );
  return found.flat().length > 0;
};
