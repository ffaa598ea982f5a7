import { concurrently } from "../../common/concurrently.ts";
import { warnedFrom } from "../../integrations/warn-expiring-credentials.ts";
import type { AttentionKind } from "../../model/attention.ts";
import type { Integration } from "../../model/integration.ts";
import { leftStates, type WorkState, waitingStates } from "../../model/work.ts";
import type { Ports } from "../ports/ports.ts";
import { type Concern, isOverdue } from "./concern.ts";
import { lateChanges } from "./late-changes.ts";
import { openHolds } from "./open-holds.ts";

/** More of one state at one integration are told in one. */
export const mostOfOneState = 10_000;

/** All of that kind, in no order, by the index of work alone: its cost grows with what waits. */
export const concernsOf = async (
  ports: Ports,
  kind: AttentionKind,
  integrations: Integration[],
): Promise<Concern[]> => {
  const found = await concurrently(integrations, 8, (integration) => finders[kind](ports, integration));
  return kind === "access-open"
    ? [...found.flat(), ...(await lateChanges(ports, integrations))]
    : found.flat();
};

type Find = (ports: Ports, integration: Integration) => Promise<Concern[]>;

const marked = async (
  ports: Ports,
  integration: Integration,
  { kind, state, urgency }: { kind: AttentionKind; state: WorkState; urgency: 0 | 1 },
): Promise<Concern[]> => {
  const { integrationId } = integration;
  const refs = await ports.work.waiting(integrationId, state, urgency, { limit: mostOfOneState + 1 });
  const isWrong = ({ since }: { since: number }) =>
    urgency === 1 || isOverdue(integration, { state, since }, ports.clock.now());
  const wrong = refs.filter(isWrong);
  if (wrong.length > mostOfOneState) {
    const since = wrong.reduce((oldest, ref) => Math.min(oldest, ref.since), Number.POSITIVE_INFINITY);
    const detail = `More than ${mostOfOneState} users and groups of the integration are ${state}: GET /integrations/${integrationId}/users?state=${state} and …/groups?state=${state} list them.`;
    return [{ kind, integration, since, shown: { count: wrong.length, detail } }];
  }
  return wrong.map((ref) => ({
    kind,
    integration,
    since: ref.since,
    about: { kind: ref.kind, id: ref.key.id },
  }));
};

/** Of the integration itself; `sinceOf` answers Unix ms, and undefined where it is not so. */
const statusIs =
  (
    kind: AttentionKind,
    sinceOf: (integration: Integration) => number | undefined,
    detail: (integration: Integration) => string,
  ): Find =>
  async (_, integration) => {
    const since = sinceOf(integration);
    return since === undefined ? [] : [{ kind, integration, since, shown: { detail: detail(integration) } }];
  };

const unverified = (integration: Integration): Concern[] => {
  const { syncId, since, detail = "" } = integration.standing?.unverified ?? {};
  if (since === undefined) return [];
  const what = `The verification that began by itself, sync ${syncId}, has failed: ${detail} The next one tries again.`;
  return [{ kind: "failed", integration, since, shown: { detail: what } }];
};

const finders: Record<AttentionKind, Find> = {
  "access-open": async (ports, integration) => {
    const states = [...waitingStates, ...leftStates].map((state) =>
      marked(ports, integration, { kind: "access-open", state, urgency: 0 }),
    );
    return (await Promise.all(states)).flat();
  },
  "needs-reauth": statusIs(
    "needs-reauth",
    // Nothing else is changed of one that does not work.
    ({ status, updatedAt }) => (status === "needs_reauth" ? Date.parse(updatedAt) : undefined),
    () =>
      "The service provider refuses the credentials, and nothing is sent. Give the integration new ones with reauth.",
  ),
  quarantined: statusIs(
    "quarantined",
    ({ standing }) => (standing?.quarantine ? Date.parse(standing.quarantine.since) : undefined),
    ({ standing }) =>
      `The service provider fails again and again, and one object in turn is tried until it recovers: ${standing?.quarantine?.reason ?? ""}`,
  ),
  held: async (ports, integration) =>
    (await openHolds(ports, integration.integrationId)).map(({ holdId, count, since }) => ({
      kind: "held",
      integration,
      since: Date.parse(since),
      shown: {
        holdId,
        count,
        detail: `The guard holds what would take access from ${count} people: approve or reject it.`,
      },
    })),
  failed: async (ports, integration) => [
    ...(await marked(ports, integration, { kind: "failed", state: "failed", urgency: 1 })),
    ...unverified(integration),
  ],
  unconfirmed: (ports, integration) =>
    marked(ports, integration, { kind: "unconfirmed", state: "unconfirmed", urgency: 1 }),
  "credentials-expiring": async ({ clock }, integration) => {
    const since = warnedFrom(integration);
    if (since > clock.now()) return [];
    const detail = `The credentials end at ${integration.credentials.expiresAt}. Give the integration new ones with reauth.`;
    return [{ kind: "credentials-expiring", integration, since, shown: { detail } }];
  },
};
