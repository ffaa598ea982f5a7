import { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { Provisioning } from "../../model/provisioning.ts";
import type { Quarantine } from "../../model/standing.ts";
import { isLeftState, type RestingState, restingStates, waitingStates } from "../../model/work.ts";
import type { EventReader } from "../ports/event-log.ts";
import type { Ports } from "../ports/ports.ts";
import { oldestDueOf } from "./oldest-due.ts";
import { openHolds } from "./open-holds.ts";

export type OverviewPorts = { ports: Ports; events: Pick<EventReader, "query"> };

/** So many waiting links of one state are counted, and no more. */
const mostWaiting = 10_000;

/** How an integration stands, without a look at any link: see docs/decisions/0011-counts.md. */
export const provisioningOf = async (
  { ports, events }: OverviewPorts,
  integration: Integration,
): Promise<Provisioning> => {
  const { integrationId, standing } = integration;
  const [waiting, users, groups, holds, oldestDue, lastSuccessAt] = await Promise.all([
    Promise.all(waitingStates.map((state) => ports.work.count(integrationId, state, mostWaiting + 1))),
    linksOf(ports, integrationId, "user"),
    linksOf(ports, integrationId, "group"),
    openHolds(ports, integrationId),
    oldestDueOf(ports, integration),
    lastSuccessOf(events, integrationId),
  ]);
  const isMore = waiting.some((count) => count.users + count.groups > mostWaiting);
  const isLarge = isMore || users.total > mostWaiting || groups.total > mostWaiting;
  const inState = (kind: "users" | "groups", links: LinkCounts): Record<string, number> => {
    const waits = waitingStates.map((state, at): [string, number] => [state, waiting[at]?.[kind] ?? 0]);
    const others = [...waits, ...links.resting];
    const sum = others.reduce((all, [, count]) => all + count, 0);
    return Object.fromEntries([["in_sync", Math.max(0, links.total - sum)], ...others]);
  };
  return {
    users: inState("users", users),
    groups: inState("groups", groups),
    held: holds.reduce((all, { count }) => all + count, 0),
    ...(isLarge && { approximate: true }),
    ...(oldestDue !== undefined && { oldestDueAt: new Date(oldestDue).toISOString() }),
    ...(lastSuccessAt !== undefined && { lastSuccessAt }),
    ...(standing?.quarantine && { quarantine: shownQuarantine(standing.quarantine) }),
  };
};

const shownQuarantine = ({ since, reason, nextProbeAt }: Quarantine) => ({
  since,
  reason,
  nextProbeAt: new Date(nextProbeAt).toISOString(),
});

type LinkCounts = { total: number; resting: [string, number][] };

const linksOf = async (
  { work }: Ports,
  integrationId: string,
  kind: "user" | "group",
): Promise<LinkCounts> => {
  // Accounts alone are imported.
  const states = restingStates.filter((state) => kind === "user" || state !== "unmanaged");
  const countOf = async (state: RestingState): Promise<number> => {
    const resting = await work.countLinks(integrationId, kind, state);
    // Of those, an account that is left open although its user is to have no access bears a mark.
    return kind === "user" && isLeftState(state)
      ? resting + (await work.count(integrationId, state, mostWaiting)).users
      : resting;
  };
  const [total, ...resting] = await Promise.all([
    work.countLinks(integrationId, kind),
    ...states.map(countOf),
  ]);
  return { total, resting: states.map((state, at) => [state, resting[at] ?? 0]) };
};

/** The newest events mostly hold a success; else it is sought. Without the audit nobody knows. */
const lastSuccessOf = async (
  events: Pick<EventReader, "query">,
  integrationId: string,
): Promise<string | undefined> => {
  const query = { integrationId, order: "desc" as const };
  try {
    const newest = await events.query({ ...query, limit: 10 });
    const isLast = newest.nextCursor === undefined;
    const known = newest.items.find((event) => event.success && isChange(event));
    if (known || isLast) return known?.timestamp;
    return (await events.query({ ...query, success: true, limit: 10 })).items.find(isChange)?.timestamp;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
};

/** Of a user or group, at the provider. */
const isChange = ({ event_type }: { event_type: string }): boolean =>
  /^(user|group)_(create|update|delete)_provision$|^user_deprovision$/.test(event_type);
