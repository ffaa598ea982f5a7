import { concurrently } from "../../common/concurrently.ts";
import { recordDirectoryEvent } from "../../directory/record-change.ts";
import type { SavedGroup, SavedUser } from "../../model/directory.ts";
import type { Ports } from "../ports/ports.ts";
import type { ObjectRef } from "../ports/work-index.ts";

const jobName = "record-made";
const atOnce = 8;
/** No call lasts as long, and no index lags as long. */
const overlapMs = 60_000;

/**
 * Put the events of users and groups that were made, where whoever made them died before. Nothing holds them, so they have no
 * mark of a change that would cost a write to take away: they are found by when they were made, each seen once or twice, and an
 * event that is on record already is one refused write. Goes on where it was cut off; safe to run twice at once.
 * @param until Unix ms: a page that begins before is finished
 * @returns the failures for the log; from where they began on, all are looked at again
 */
export const recordMade = async (ports: Ports, { until }: { until: number }): Promise<unknown[]> => {
  const failures: unknown[] = [];
  const now = ports.clock.now();
  const { seenUntil = 0 } = (await ports.jobs.read(jobName)) ?? {};
  let seenUpTo: number | undefined;
  for await (const refs of ports.work.made(seenUntil - overlapMs)) {
    const objects = await readAll(ports, refs);
    await concurrently(objects, atOnce, (object) =>
      record(ports, object).catch((error: unknown) => void failures.push(error)),
    );
    seenUpTo = Math.max(seenUpTo ?? seenUntil, ...objects.map(({ updatedAt }) => Date.parse(updatedAt)));
    if (ports.clock.now() < until) continue;
    if (failures.length === 0) await save(ports, seenUpTo);
    return failures;
  }
  if (seenUpTo !== undefined && failures.length === 0) await save(ports, now);
  return failures;
};

/** A group whose event is put again needs its members to be looked for, so that is noted, unlike of a user. */
const record = async (ports: Ports, object: SavedUser | SavedGroup): Promise<void> => {
  await recordDirectoryEvent(ports, object);
  if ("groupId" in object && object.unrecorded)
    await ports.groups.endUnrecorded(object.groupId, object.unrecorded.eventId);
};

const save = ({ jobs }: Ports, seenUntil: number): Promise<void> =>
  jobs.save(jobName, { passes: 0, seenUntil });

const readAll = async (ports: Ports, refs: ObjectRef[]): Promise<(SavedUser | SavedGroup)[]> => {
  const userIds = refs.flatMap(({ kind, id }) => (kind === "user" ? [id] : []));
  const groupIds = refs.flatMap(({ kind, id }) => (kind === "group" ? [id] : []));
  const users = await ports.users.readMany(userIds);
  const groups = await concurrently(groupIds, atOnce, (groupId) => ports.groups.read(groupId));
  const found = [...users.values(), ...groups.filter((group) => group !== undefined)];
  // One that has changed since, which the index may not show yet, has its event by then, or a mark of its own.
  return found.filter(({ changed, unrecorded }) => unrecorded && !changed);
};
