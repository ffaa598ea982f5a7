import { setTimeout as sleep } from "node:timers/promises";

/** What the demo reads of any answer: receipts, integrations, statuses, lists and problem documents. */
export type AnswerBody = Partial<{
  integrationId: string;
  syncId: string;
  jobId: string;
  /** Of an integration or a job; of a problem document it is a number. */
  status: string | number;
  counts: Record<string, number>;
  total: number;
  sourceId: string;
  scimBaseUrl: string;
  /** Of a source that was just made. */
  token: string;
  source: { waiting?: { total: number; userIds: string[] } };
  action: string;
  state: string;
  active: boolean;
  reason: string;
  code: string;
  detail: string;
  eventId: string;
  eventIds: string[];
  members: { added: number; removed: number; pending: string[] };
  receipts: { action: string; state: string; eventIds: string[] }[];
  lastError: { code: string; detail: string };
  items: unknown[];
}>;

/** One call, which must be answered with `status`; 202 is repeated until it is something else. */
export type Call = (method: string, path: string, status: number, body?: unknown) => Promise<AnswerBody>;

export type UsherClient = {
  /** Calls that share one correlation id, as the calls of one job would. */
  correlated(correlationId: string): Call;
  calls(): number;
  /** The ids of all events that any answer named. */
  eventIds: ReadonlySet<string>;
  /** The correlation ids of calls that began a job, which goes on by itself. */
  jobs: ReadonlySet<string>;
  /** Successful lifecycle calls and decisions about holds, whose answers name no event. */
  unnamedAttempts(): number;
};

const maxPasses = 20;

/** Calls Usher over HTTP as any user would. `onAnswer` sees the text and headers of every answer. */
export const makeUsherClient = (
  { url, token }: { url: string; token: string },
  onAnswer: (place: string, text: string) => void,
): UsherClient => {
  const eventIds = new Set<string>();
  const jobs = new Set<string>();
  let calls = 0;
  let unnamed = 0;

  const callOnce = async (correlationId: string, method: string, path: string, body: unknown) => {
    calls += 1;
    const answer = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        "x-correlation-id": correlationId,
        "change-reason": "npm run demo",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    onAnswer(`the answer of ${method} ${path}`, `${JSON.stringify([...answer.headers])}\n${text}`);
    const read = text === "" ? {} : (JSON.parse(text) as AnswerBody);
    for (const eventId of eventIdsOf(read)) eventIds.add(eventId);
    if (answer.ok && method !== "GET" && isLifecycle(path)) unnamed += 1;
    if (answer.status === 202 && (read.syncId ?? read.jobId) !== undefined) jobs.add(correlationId);
    return { status: answer.status, body: read, retryAfter: Number(answer.headers.get("retry-after") ?? 1) };
  };

  const correlated =
    (correlationId: string): Call =>
    async (method, path, status, body) => {
      let whole: AnswerBody | undefined;
      for (let pass = 1; ; pass += 1) {
        const answer = await callOnce(correlationId, method, path, body);
        whole = whole ? joined(whole, answer.body) : answer.body;
        if (answer.status === status) return whole;
        if (answer.status !== 202 || pass === maxPasses) {
          const words = `${answer.body.code ?? ""} ${answer.body.detail ?? answer.body.reason ?? ""}`.trim();
          throw new Error(`${method} ${path} answered ${answer.status} instead of ${status}: ${words}`);
        }
        await sleep(answer.retryAfter * 1000);
      }
    };
  return { correlated, calls: () => calls, eventIds, jobs, unnamedAttempts: () => unnamed };
};

const isLifecycle = (path: string): boolean =>
  /^\/integrations(\/[^/]+(\/reauth|\/holds\/[^/]+\/(approve|reject))?)?$/.test(path);

const eventIdsOf = ({ eventId, eventIds = [], receipts = [], items = [] }: AnswerBody): string[] => [
  ...(eventId === undefined ? [] : [eventId]),
  ...eventIds,
  ...receipts.flatMap((receipt) => receipt.eventIds),
  ...items.flatMap((item) => (item as { eventId?: string }).eventId ?? []),
];

/** What several passes of one call did together: the first one's action, the last one's state. */
const joined = (before: AnswerBody, last: AnswerBody): AnswerBody => ({
  ...last,
  ...(before.action && before.action !== "unchanged" && { action: before.action }),
  ...(last.members && {
    members: {
      added: (before.members?.added ?? 0) + last.members.added,
      removed: (before.members?.removed ?? 0) + last.members.removed,
      pending: last.members.pending,
    },
  }),
  eventIds: [...(before.eventIds ?? []), ...(last.eventIds ?? [])],
});
