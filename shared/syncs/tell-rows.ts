import { allPages } from "../common/all-pages.ts";
import { present } from "../common/objects.ts";
import type { Failure } from "../model/failure.ts";
import type { IntegrationJob, JobItem } from "../model/integration-job.ts";
import type { SyncItem } from "../model/sync.ts";
import type { EventRecord } from "../provisioning/ports/event-log.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { changeOf, headIn, itemIn, type ObjectKey, rowsOfHead, toRow } from "./sync-items.ts";

/**
 * How carrying an object out has ended. `records`: the events of its attempts; `held`: what a hold keeps of it, by `changeOf`.
 * `isLeft`: what was done is told, and the rest waits.
 */
export type End =
  | { state: "held" | "stale" }
  | { records: EventRecord[]; held: ReadonlySet<string>; error?: Failure | undefined; isLeft?: boolean };

/** Whether it was carried out, or left out, for good. */
export const isTold = ({ state, eventId }: SyncItem): boolean =>
  state === "applied" || state === "stale" || (state === "failed" && eventId !== undefined);

/** Tell the rows of an object what came of them. @returns how many there are by what they came to */
export const tellRows = async (
  ports: Ports,
  job: IntegrationJob,
  { head, end }: { head: JobItem; end: End },
): Promise<Record<string, number>> => {
  const { key } = headIn(head);
  const lookedUp = lastEvents(ports, job);
  const counts: Record<string, number> = {};
  for await (const rows of allPages(
    (part) => ports.integrationJobs.items(job, part, rowsOfHead(head)),
    500,
  )) {
    const told: JobItem[] = [];
    for (const row of rows) {
      const item = itemIn(row);
      if (!item || isTold(item)) continue;
      const next = await tell(item, end, { key, lookedUp });
      if (next !== item) told.push(toRow(row.place, next));
      if (next.state !== item.state) counts[next.state] = (counts[next.state] ?? 0) + 1;
    }
    if (told.length > 0) await ports.integrationJobs.putItems(job, told);
  }
  return counts;
};

type About = { key: ObjectKey; lookedUp: ReturnType<typeof lastEvents> };

const tell = async (item: SyncItem, end: End, about: About): Promise<SyncItem> => {
  if ("state" in end) return { ...item, state: end.state };
  if (item.state === "held") return item;
  if (end.held.has(changeOf(item))) return { ...item, state: "held" };
  const own = end.records.filter((record) => isFor(record, item)).at(-1)?.event;
  if (own?.success) return { ...item, state: "applied", eventId: own.id };
  if (end.isLeft) return item;
  const failed = own ?? failedAccount(item, end.records);
  if (failed)
    return asFailed(item, { code: "provider-rejected", detail: failed.error_message ?? "" }, failed.id);
  if (end.error && isOf(about.key, item)) return asFailed(item, end.error);
  if (item.state === "failed") return item;
  // What others of the job, or a worker that died since, have done of it.
  const eventId = await about.lookedUp(item);
  return eventId === undefined ? { ...item, state: "stale" } : { ...item, state: "applied", eventId };
};

const asFailed = (
  item: SyncItem,
  { code, detail }: Pick<Failure, "code" | "detail">,
  eventId?: string,
): SyncItem => ({
  ...item,
  state: "failed",
  error: { code, detail },
  ...present({ eventId }),
});

/** Whoever has no account cannot be in a group. */
const failedAccount = ({ kind, userId }: SyncItem, records: EventRecord[]) =>
  kind === "member"
    ? records.find(({ event }) => isAbout(event, "systemuser", userId) && !event.success)?.event
    : undefined;

const isOf = (key: ObjectKey, { kind, userId, groupId }: SyncItem): boolean =>
  key.kind === "user" ? kind === "user" && userId === key.id : kind !== "user" && groupId === key.id;

const isFor = (
  { event, memberUserIds }: EventRecord,
  { kind, userId, groupId, action }: SyncItem,
): boolean => {
  if (kind === "user") return isAbout(event, "systemuser", userId);
  if (!isAbout(event, "user_group", groupId)) return false;
  return (
    kind === "group" ||
    memberUserIds?.[action === "removed" ? "removed" : "added"].includes(userId ?? "") === true
  );
};

const isAbout = (
  { resource }: EventRecord["event"],
  type: EventRecord["event"]["resource"]["type"],
  id: string | undefined,
): boolean => resource.type === type && resource.id === id;

/** The latest event of the account or the group, where its attempt was made since the job began to be carried out. */
const lastEvents = (ports: Ports, { integrationId, asked }: IntegrationJob) => {
  const known = new Map<string, Promise<string | undefined>>();
  const read = async ({ kind, userId, groupId }: SyncItem): Promise<string | undefined> => {
    const links = kind === "user" ? ports.userLinks : ports.groupLinks;
    const link = await links.read({ integrationId, id: (kind === "user" ? userId : groupId) ?? "" });
    const { lastAttemptAt, lastEventId } = link?.observed ?? {};
    return lastAttemptAt !== undefined && lastAttemptAt >= asked.at ? lastEventId : undefined;
  };
  return (item: SyncItem): Promise<string | undefined> => {
    const name = item.kind === "user" ? `user ${item.userId}` : `group ${item.groupId}`;
    const found = known.get(name) ?? read(item);
    known.set(name, found);
    return found;
  };
};
