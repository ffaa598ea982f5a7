import { copyOf, type Request } from "../../shared/memory/request.ts";
import type { RateSchedule, RateSubject } from "../../shared/scim/rate/rate-port.ts";
import type { IntegrationItems } from "./integration-store.ts";

type Item = { next?: number; at?: number; before?: number; pausedUntil?: number };
export type RateItems = Map<string, Item>;

/** The schedules of all integrations in memory. A pause is told in the integration's row as well. */
export const memoryRateSchedule = (
  { items, integrations }: { items: RateItems; integrations: IntegrationItems },
  request: Request,
): RateSchedule => {
  const itemOf = ({ integrationId, version }: RateSubject): Item => {
    const key = `${integrationId}#${version}`;
    const item = items.get(key) ?? {};
    items.set(key, item);
    return item;
  };
  return {
    lease: (subject, { count, intervalMs, earliest, latest, now }) =>
      request("lease slots", () => {
        const item = itemOf(subject);
        const told = { clock: item.at ?? now, pausedUntil: item.pausedUntil ?? 0 };
        const first = Math.max(item.next ?? earliest, earliest);
        if (first > latest) return { nextFree: first, ...told };
        Object.assign(item, { next: first + count * intervalMs, before: item.at, at: now });
        return { first, ...told };
      }),

    pause: (subject, until) =>
      request("pause", () => {
        const item = itemOf(subject);
        item.pausedUntil = Math.max(item.pausedUntil ?? 0, until);
        const row = integrations.get(subject.integrationId);
        if (row?.integration?.version !== subject.version || (row.integration.pausedUntil ?? 0) >= until)
          return;
        row.integration = copyOf({ ...row.integration, pausedUntil: until });
      }),
  };
};
