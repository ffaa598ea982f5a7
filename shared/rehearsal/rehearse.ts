import { type Integration, type IntegrationStatus, statusOf } from "../model/integration.ts";
import { carryOutDue } from "../provisioning/automatic/carry-out-due.ts";
import { dispatchChange } from "../provisioning/automatic/dispatch-change.ts";
import type { EventRecord } from "../provisioning/ports/event-log.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import type { WorkRef } from "../provisioning/ports/work-index.ts";
import type { HeldBack } from "./holds.ts";
import { openRecording, type RecordedRequest } from "./recording.ts";
import { type OpenClient, type Stage, setStage } from "./stage.ts";

export type Rehearsed<T> = {
  result: T;
  requests: RecordedRequest[];
  requestsTotal: number;
  /** The events of the attempts that would be made, in their order. */
  events: EventRecord[];
  /** What the guard would hold. */
  held: HeldBack[];
  /** Integrations with requests that are not active, to which nothing would be sent before they are. */
  notActive: { integrationId: string; status: IntegrationStatus }[];
};

type Act<T> = {
  act(ports: Ports): Promise<T>;
  /** Unix ms: after it nothing more is begun that follows by itself. */
  until: number;
  /** What goes on by itself afterwards is left out. */
  isAlone?: boolean;
  /** The integration as it would be. */
  change?(integration: Integration): Integration;
};
/** `rehearse`, with the SCIM client. */
export type Rehearse = <T>(real: Ports, wanted: Act<T>) => Promise<Rehearsed<T>>;

/**
 * Carry a call out against what is on record, as it would be: with the same use case, the same plans and the same client,
 * but what it saves stays in memory, and its requests are recorded and not sent. What goes on by itself afterwards is
 * carried out, too, also what a policy lets wait. The real ports are read alone.
 */
export const rehearse = async <T>(
  real: Ports,
  openClient: OpenClient,
  { act, until, isAlone, change = (integration) => integration }: Act<T>,
): Promise<Rehearsed<T>> => {
  const recording = openRecording();
  const events: EventRecord[] = [];
  const stage = setStage(real, { openClient, recording, events, change });
  const result = await act(stage.ports);
  if (!isAlone) await goOnByItself(stage, until);
  const requests = recording.requests();
  const notActive = await inactiveOf(real, new Set(requests.map(({ integrationId }) => integrationId)));
  return {
    result,
    requests,
    requestsTotal: recording.total(),
    events,
    held: stage.held(),
    notActive,
  };
};

const inactiveOf = async (
  { integrations }: Ports,
  integrationIds: Set<string>,
): Promise<Rehearsed<unknown>["notActive"]> => {
  const rows = await Promise.all([...integrationIds].map((id) => integrations.read(id)));
  return rows.flatMap((row) => {
    const status = row?.integration && statusOf(row.integration);
    return row && status && status !== "active" ? [{ integrationId: row.integrationId, status }] : [];
  });
};

/** What each object may take turns in, before it counts as never coming to rest. */
const mostTurns = 3;

/** What the dispatch of changes and the workers would do about it, those whose access ends first, and what a policy lets wait. */
const goOnByItself = async (
  { ports, changed, due, nextWait, leapTo }: Stage,
  until: number,
): Promise<void> => {
  const turns = new Map<string, number>();
  let end = until;
  for (;;) {
    for (const ref of changed()) await dispatchChange(ports, ref);
    const next = due()
      .toSorted((a, b) => a.urgency - b.urgency || a.at - b.at)
      .find((ref) => (turns.get(nameOf(ref)) ?? 0) < mostTurns);
    const at = next ? undefined : nextWait();
    if (ports.clock.now() >= end || (!next && at === undefined)) return;
    if (at !== undefined) end += leapTo(at);
    if (!next) continue;
    turns.set(nameOf(next), (turns.get(nameOf(next)) ?? 0) + 1);
    await carryOutDue(ports, next, { until: end });
  }
};

const nameOf = ({ kind, key }: WorkRef): string => JSON.stringify([kind, key.integrationId, key.id]);
