import type { AttentionKind } from "../../model/attention.ts";
import { type Integration, statusOf } from "../../model/integration.ts";
import { type Measure, type Metric, metrics } from "../../model/metric.ts";
import { oldestDueOf } from "../overview/oldest-due.ts";
import type { Ports } from "../ports/ports.ts";
import type { Finding } from "./look-for.ts";

const metricOf: Partial<Record<AttentionKind, Metric>> = {
  "access-open": "AccessOpen",
  "needs-reauth": "NeedsReauth",
  quarantined: "Quarantined",
  held: "HoldsWaiting",
  "credentials-expiring": "CredentialsExpiring",
};

/** The level of a kind over all and, where the figure is told so, at each integration: 0 too, so that alarms recover. */
export const levelOf = (kind: AttentionKind, found: Finding[], integrations: Integration[]): Measure[] => {
  const metric = metricOf[kind];
  if (metric === undefined) return [];
  const sum = (findings: Finding[]) =>
    findings.reduce((all, { id, people = 1 }) => all + (id === "many" ? people : 1), 0);
  const of = (id: string) => sum(found.filter(({ integrationId }) => integrationId === id));
  return withAll(metric, sum(found), new Map(integrations.map(({ integrationId: id }) => [id, of(id)])));
};

/** For how long the oldest work has been due, in seconds. Where a call has paused the integration, none is. */
export const oldestDue = async (ports: Ports, integrations: Integration[]): Promise<Measure[]> => {
  const secondsOf = async (integration: Integration): Promise<number> => {
    const at = statusOf(integration) === "paused" ? undefined : await oldestDueOf(ports, integration);
    return at === undefined ? 0 : Math.max(0, Math.round((ports.clock.now() - at) / 1000));
  };
  const of = new Map<string, number>();
  for (const integration of integrations) of.set(integration.integrationId, await secondsOf(integration));
  return withAll("OldestDue", Math.max(0, ...of.values()), of);
};

const withAll = (metric: Metric, value: number, of: Map<string, number>): Measure[] => [
  { metric, value },
  ...("by" in metrics[metric] ? [...of].map(([id, level]) => ({ metric, value: level, of: id })) : []),
];
