import { buildDirectoryEvent } from "../audit/build-directory-event.ts";
import { redactChanges } from "../audit/redact.ts";
import { askedBy } from "../model/asked.ts";
import type { Change } from "../model/event.ts";
import type { Source } from "../model/source.ts";
import { auditUnavailable } from "../provisioning/ports/audit-unavailable.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";

export type SourcePorts = Pick<
  Ports,
  "sources" | "events" | "clock" | "newId" | "organization" | "eventRetentionDays"
>;
export type AskingForSource = { ports: SourcePorts; call: Call };
type SourceEvent = { type: "source_create" | "source_update" | "source_delete"; changes: Change[] };

/**
 * Keep a source as its next version, with the mark of the event that is to follow, and put that event. Where the event cannot
 * be put the change stands, and the mark stays with it: the next change, or the sweep, puts it.
 * @returns undefined where the source moved
 * @throws Failure `audit-unavailable` where the event of an earlier change is still missing and cannot be put
 */
export const keepSource = async (
  { ports, call: { actor } }: AskingForSource,
  source: Source,
  { type, changes }: SourceEvent,
): Promise<Source | undefined> => {
  await recordSource(ports, source);
  const now = ports.clock.now();
  const { authMethod, clientIp, userAgent } = actor;
  const kept = await ports.sources.save({
    ...source,
    updatedAt: new Date(now).toISOString(),
    asked: askedBy(actor, now),
    unrecorded: {
      eventId: ports.newId(now),
      type,
      changes: redactChanges(changes),
      ...{ authMethod, clientIp, userAgent },
    },
  });
  if (kept) await recordSource(ports, kept).catch(() => undefined);
  return kept;
};

/**
 * Put the event of the latest change of a source, where it may be missing. Safe to repeat: it is one event.
 * @throws Failure `audit-unavailable`
 */
export const recordSource = async (ports: SourcePorts, source: Source): Promise<void> => {
  const { sourceId, name, unrecorded, asked, version } = source;
  if (!unrecorded || !asked) return;
  const { organization, eventRetentionDays: retentionDays } = ports;
  const resource = { type: "source" as const, id: sourceId, name };
  try {
    await ports.events.put(buildDirectoryEvent(resource, unrecorded, asked, { organization, retentionDays }));
  } catch (cause) {
    throw auditUnavailable("the event of an earlier change has to be on record first", cause);
  }
  await ports.sources.recorded(sourceId, version);
};
