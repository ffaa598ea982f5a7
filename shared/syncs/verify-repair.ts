import { allPages } from "../common/all-pages.ts";
import { omit } from "../common/objects.ts";
import type { JobStep } from "../jobs/run-job.ts";
import { Failure } from "../model/failure.ts";
import { type Repaired, repairObject } from "../verification/repair-object.ts";
import { afterRepair } from "../verification/verify-object.ts";
import { inOrder } from "./find-work.ts";
import { itemIn, toRow } from "./sync-items.ts";
import type { VerifyRun } from "./verify-place.ts";
import { foundPrefix, objectIn, rowsOfFound } from "./verify-rows.ts";

const objectsAtOnce = 40;
/** An object that is begun has this long, at least. */
const reserveMs = 3_000;

/** The next objects of which something was found: what is wanted of them is sent again, and their rows tell what came of it. */
export const repairStep = async (run: VerifyRun): Promise<JobStep> => {
  const { ports, integration, job, call, place, provider } = run;
  const { cursor } = place;
  const page = await ports.integrationJobs.items(
    job,
    { limit: objectsAtOnce, ...(cursor !== undefined && { cursor }) },
    foundPrefix,
  );
  let left: Failure | true | undefined;
  await inOrder(page.items, async (found) => {
    if (left || ports.clock.now() >= call.sendUntil - reserveMs) {
      left ??= true;
      return;
    }
    const repaired = await repairObject(
      { ports, integration, call },
      provider,
      objectIn(found),
      job.requestedAt,
    );
    left ??= leftOf(repaired, ports.clock.now() >= call.sendUntil);
    if (left) return;
    for await (const rows of allPages(
      (part) => ports.integrationJobs.items(job, part, rowsOfFound(found)),
      500,
    )) {
      const told = rows.flatMap((row) => {
        const item = itemIn(row);
        return item ? [toRow(row.place, afterRepair(item, repaired))] : [];
      });
      await ports.integrationJobs.putItems(job, told);
    }
  });
  if (left) return left === true ? {} : { waits: left };
  const { nextCursor } = page;
  return {
    place:
      nextCursor === undefined
        ? { ...omit(place, "cursor"), phase: "end" }
        : { ...place, cursor: nextCursor },
  };
};

/** What was not sent has not failed: it is done by the next worker, or once the service provider takes requests again. */
const leftOf = ({ state, eventId, error }: Repaired, isOver: boolean): Failure | true | undefined => {
  if (state !== "failed") return undefined;
  if (isOver) return true;
  const isUnsent = eventId === undefined && error?.code === "provider-unavailable";
  return isUnsent ? new Failure("provider-unavailable", error.detail) : undefined;
};
