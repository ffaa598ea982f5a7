import { concurrently } from "../../common/concurrently.ts";
import type { Integration } from "../../model/integration.ts";
import { isWork, type Rest, type Work } from "../../model/work.ts";
import { isInScope } from "../assignments/assignment.ts";
import { readGroupState } from "../memberships/group-state.ts";
import { workOfGroup } from "../memberships/work-of-group.ts";
import type { Job } from "../ports/job-store.ts";
import type { LinkKey } from "../ports/link-store.ts";
import type { IntegrationContext, Ports } from "../ports/ports.ts";
import { readUserState, type UserState } from "../users/user-state.ts";
import { workOfUser } from "../users/work-of-user.ts";
import { recordLeaver } from "./record-leaver.ts";

/** A later release that needs all links to be looked at anew gives it another name. */
const jobName = "mark-existing-1";
const pageSize = 100;
const atOnce = 8;
const maxTries = 3;
/** On AWS, Lambdas of the release before may go on this long, and mark nothing. */
const overlapMs = 15 * 60_000;
const wantedPasses = 2;

const kinds = ["user", "group"] as const;
type Kind = (typeof kinds)[number];
type Marking = {
  link: { rev: number; work?: Work };
  work: Work | Rest | null;
  write(work: Work | Rest): Promise<boolean>;
};

/**
 * Once for each deployment: give the links that an earlier release has left the mark of what is still to be done at them,
 * so that it is found, or of how they rest, so that they are counted; and let its groups be listed. Goes on where it was cut
 * off; safe to run twice at once.
 * @param until Unix ms: a page that begins before is finished
 * @returns the failures for the log; what failed is looked at again by another pass
 */
export const markExisting = async (ports: Ports, { until }: { until: number }): Promise<unknown[]> => {
  const failures: unknown[] = [];
  let job: Job = (await ports.jobs.read(jobName)) ?? { passes: 0 };
  if (job.doneAt !== undefined || ports.clock.now() < (job.notBefore ?? 0)) return failures;
  const rows = await ports.integrations.all();
  const stages = rows
    .flatMap(({ integration }) => (integration && integration.status !== "deleted" ? [integration] : []))
    .toSorted((one, other) => (one.integrationId < other.integrationId ? -1 : 1))
    .flatMap((integration) => kinds.map((kind) => ({ integration, kind })));
  for (const stage of stages.filter((one) => !isBehind(job, one))) {
    for (;;) {
      if (ports.clock.now() >= until) return failures;
      const { failed, next } = await markPage(ports, stage, cursorIn(job, stage));
      failures.push(...failed);
      const { integrationId } = stage.integration;
      const hasFailed = job.hasFailed === true || failed.length > 0;
      job = { ...job, hasFailed, place: { integrationId, kind: stage.kind, ...(next && { cursor: next }) } };
      await ports.jobs.save(jobName, job);
      if (!next) break;
    }
  }
  await ports.jobs.save(jobName, afterPass(ports, job));
  return failures;
};

type Stage = { integration: Integration; kind: Kind };

/** Whether the job is past that stage. One without a cursor was finished. */
const isBehind = ({ place }: Job, { integration, kind }: Stage): boolean => {
  if (!place) return false;
  if (integration.integrationId !== place.integrationId)
    return integration.integrationId < place.integrationId;
  if (kind !== place.kind) return kinds.indexOf(kind) < kinds.indexOf(place.kind);
  return place.cursor === undefined;
};

const cursorIn = ({ place }: Job, { integration, kind }: Stage): string | undefined =>
  place?.integrationId === integration.integrationId && place.kind === kind ? place.cursor : undefined;

const afterPass = ({ clock }: Ports, { passes, hasFailed }: Job): Job => {
  const now = clock.now();
  if (hasFailed) return { passes };
  if (passes + 1 < wantedPasses) return { passes: passes + 1, notBefore: now + overlapMs };
  return { passes: passes + 1, doneAt: new Date(now).toISOString() };
};

const markPage = async (ports: Ports, { integration, kind }: Stage, cursor: string | undefined) => {
  const store = kind === "user" ? ports.userLinks : ports.groupLinks;
  const { items, nextCursor } = await store.list(integration.integrationId, {
    limit: pageSize,
    ...(cursor !== undefined && { cursor }),
  });
  const failed: unknown[] = [];
  const links = items.map(({ id, work }) => ({ id, work }));
  await concurrently(links, atOnce, async ({ id, work }) => {
    try {
      if (kind === "group") await listGroup(ports, id);
      if (!work) await markOne(() => markingOf({ ports, integration }, kind, id));
    } catch (error) {
      failed.push(error);
    }
  });
  return { failed, next: nextCursor };
};

/** An earlier release has counted no members, and listed no groups. */
const listGroup = async (ports: Ports, groupId: string): Promise<void> => {
  const saved = await ports.groups.read(groupId);
  if (!saved || saved.memberCount !== undefined) return;
  let count = 0;
  for await (const page of ports.groups.members(groupId, saved.version)) count += page.length;
  await ports.groups.noteCount(saved, count);
};

/** @throws Error where the link keeps moving */
const markOne = async (look: () => Promise<Marking>): Promise<void> => {
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const { link, work, write } = await look();
    const isMarked = link.work !== undefined && (!isWork(work) || link.work.at <= work.at);
    if (!work || isMarked || (await write(work))) return;
  }
  throw new Error("The link keeps changing.");
};

/** A leaver whose leaving is on record, also where the call for it died. */
const readLeaver = async (ports: Ports, { integrationId, id }: LinkKey): Promise<UserState> => {
  const state = await readUserState(ports, integrationId, id);
  const { saved, link } = state;
  if (!saved?.deleted || !isInScope(link.assignment)) return state;
  await recordLeaver(ports, id, saved);
  return readUserState(ports, integrationId, id);
};

const markingOf = async (context: IntegrationContext, kind: Kind, id: string): Promise<Marking> => {
  const { ports, integration } = context;
  const key = { integrationId: integration.integrationId, id };
  if (kind === "user") {
    const state = await readLeaver(ports, key);
    const write = (work: Work | Rest) => ports.userLinks.schedule(key, state.link.rev, work);
    return { link: state.link, work: workOfUser(context, state), write };
  }
  const state = await readGroupState(ports, key.integrationId, id);
  const write = (work: Work | Rest) => ports.groupLinks.schedule(key, state.link.rev, work);
  return { link: state.link, work: workOfGroup(context, state), write };
};
