import { allPages } from "../common/all-pages.ts";
import { omit } from "../common/objects.ts";
import type { JobStep } from "../jobs/run-job.ts";
import { repairObject } from "../verification/repair-object.ts";
import { afterRepair } from "../verification/verify-object.ts";
import { inOrder } from "./find-work.ts";
import { itemIn, toRow } from "./sync-items.ts";
import type { VerifyRun } from "./verify-place.ts";
import { foundPrefix, objectIn, rowsOfFound } from "./verify-rows.ts";

const objectsAtOnce = 40;

/** The next objects of which something was found: what is wanted of them is sent again, and their rows tell what came of it. */
export const repairStep = async (run: VerifyRun): Promise<JobStep> => {
  const { ports, integration, job, call, place, provider } = run;
  const { cursor } = place;
  const page = await ports.integrationJobs.items(
    job,
    { limit: objectsAtOnce, ...(cursor !== undefined && { cursor }) },
    foundPrefix,
  );
  await inOrder(page.items, async (found) => {
    const repaired = await repairObject(
      { ports, integration, call },
      provider,
      objectIn(found),
      job.requestedAt,
    );
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
  const { nextCursor } = page;
  return {
    place:
      nextCursor === undefined
        ? { ...omit(place, "cursor"), phase: "end" }
        : { ...place, cursor: nextCursor },
  };
};
