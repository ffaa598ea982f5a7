import { pauseRestored } from "../../shared/integrations/pause-restored.ts";
import { ports } from "../../shared/runtime/services.ts";
import { readRestoredMark, removeRestoredMark } from "./backup/restored-mark.ts";

/** The backup that a run was restored from, and how many integrations are paused. */
export type Restored = { madeAt: string; paused: number };

const longestMs = 120_000;

/**
 * The first start over restored data pauses what is in it. The mark goes once that is done, so a start that is cut off leaves it
 * to the next.
 *
 * @returns undefined where the data was not restored, or is at work since
 */
export const pauseIfRestored = async (dataDir: string): Promise<Restored | undefined> => {
  const mark = readRestoredMark(dataDir);
  if (!mark) return undefined;
  const paused = await pauseRestored(ports, { until: Date.now() + longestMs });
  removeRestoredMark(dataDir);
  return { madeAt: mark.madeAt, paused };
};
