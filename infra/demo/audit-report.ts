import type { DirectoryInsightsEvent } from "../../shared/model/event.ts";
import type { Audit, Reference } from "./audit.ts";

/** What the report asks of the audit beside the totals. */
type AuditQuestions = { userId: string; correlationId: string };

/** The audit as tables, made of DynamoDB queries alone. */
export const reportAudit = async (
  audit: Audit,
  { userId, correlationId }: AuditQuestions,
): Promise<string[]> => {
  const events = await audit.everything();
  return [
    "Events by type                       succeeded   failed",
    ...totalsOf(events).map(([type, succeeded, failed]) => row(type, succeeded, failed)),
    row(
      "all",
      events.filter(({ success }) => success).length,
      events.filter(({ success }) => !success).length,
    ),
    "",
    "What failed, in the provider's words (times are UTC)",
    ...(await audit.failures()).flatMap(failureLines),
    "",
    `Events of one user, ${userId}`,
    ...(await audit.ofUser(userId)).map(line),
    "",
    `Events of one act, by its X-Correlation-Id ${correlationId}`,
    ...(await audit.ofCorrelation(correlationId)).map(line),
  ];
};

const totalsOf = (events: DirectoryInsightsEvent[]): [string, number, number][] =>
  [...new Set(events.map(({ event_type }) => event_type))].sort().map((type) => {
    const own = events.filter(({ event_type }) => event_type === type);
    const succeeded = own.filter(({ success }) => success).length;
    return [type, succeeded, own.length - succeeded];
  });

const row = (type: string, succeeded: number, failed: number): string =>
  `  ${type.padEnd(32)}${String(succeeded).padStart(12)}${String(failed).padStart(9)}`;

const failureLines = (event: DirectoryInsightsEvent): string[] => {
  const { response_message: message = "no answer", message_details: details } = event.message_chain;
  return [line(event), `    ${[message, ...details].join(": ")}`];
};

const line = (event: DirectoryInsightsEvent | Reference): string => {
  const { resource, success } = event;
  const what = "op" in event ? `${event.event_type} (${event.op})` : event.event_type;
  const name = resource.username ?? resource.name ?? resource.id;
  return `  ${event.timestamp.slice(11, 23)}  ${what.padEnd(34)}${success ? "succeeded" : "failed   "}  ${name}`;
};
