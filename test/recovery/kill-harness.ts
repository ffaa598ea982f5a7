import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStrongDm } from "../providers/strongdm/strongdm.ts";
import { afterCall, afterKill, type Finder, learnNames } from "./check-world.ts";
import type { Names } from "./explain.ts";
import { startRun } from "./run-process.ts";
import { makeWorld, type Scenario, type World } from "./world.ts";

/** Where the process dies: right after its nth step, or once the provider has applied its nth change, unanswered. */
type Cut = "after step" | "before answer";
const laterMs = 5 * 60_000 + 30_000;
const never = Number.MAX_SAFE_INTEGER;

export type Killed = { afterSteps: number; beforeAnswers: number; problems: string[] };

/** A sample of a long call: the simulation ends a process in memory at each step of each call (`every-request.test.ts`). */
const nextStep = (step: number): number => step + (step < 8 ? 1 : 3);

/**
 * Runs a call again and again on one data folder, each time killed some steps later, until it comes through; then
 * likewise before each answer to a change at the provider. After each kill the run is started again and checked.
 */
export const killEverywhere = async (scenario: Scenario, finder: Finder = "start"): Promise<Killed> => {
  const dataDir = mkdtempSync(join(tmpdir(), "usher-kill-"));
  let run = await startRun(dataDir);
  let number = 0;
  const problems: string[] = [];

  /** Kills one call and checks what comes of it. Undefined, or how many changes were sent where it came through. */
  const killOnce = async (cut: Cut, nth: number): Promise<number | undefined> => {
    number += 1;
    const provider = await startStrongDm();
    try {
      const world = makeWorld(run, provider, number);
      await scenario.prepare?.(world);
      const names: Names = new Map();
      await learnNames(names, provider);
      const { isKilled, changes } = await callAndKill(world, scenario, cut, nth);
      const label = isKilled ? `killed ${cut} ${nth}` : "not killed";
      const note = (found: string[]) => problems.push(...found.map((problem) => `${label}: ${problem}`));
      if (!isKilled) {
        note(await afterCall(world, scenario, names));
        return changes;
      }
      // On AWS no lease is voided: each start is later than all leases of the one before. And it is long after what
      // was created before the kill, so that a 404 tells of a deletion.
      run = await startRun(dataDir, finder === "start" ? "local" : "aws", number * laterMs);
      world.run = run;
      note(await afterKill(world, scenario, names, finder));
      return undefined;
    } finally {
      await provider.close();
    }
  };

  try {
    let afterSteps = 0;
    let step = 1;
    let changes = await killOnce("after step", step);
    for (; changes === undefined; changes = await killOnce("after step", step)) {
      afterSteps = step;
      step = nextStep(step);
    }
    for (let nth = 1; nth <= changes; nth += 1) await killOnce("before answer", nth);
    return { afterSteps, beforeAnswers: changes, problems };
  } finally {
    run.kill();
    await run.ended;
    rmSync(dataDir, { recursive: true, force: true });
  }
};

const callAndKill = async (
  world: World,
  scenario: Scenario,
  cut: Cut,
  nth: number,
): Promise<{ isKilled: boolean; changes: number }> => {
  const { run, provider } = world;
  let changes = 0;
  // The provider goes on at once to apply the request, whose sender is gone.
  provider.intercept = ({ method }) => {
    if (method !== "GET") changes += 1;
    if (method !== "GET" && cut === "before answer" && changes === nth) run.kill();
    return undefined;
  };
  await run.arm(cut === "after step" ? nth : never);
  const isKilled = await scenario.call(world).then(
    () => false,
    () => true,
  );
  provider.intercept = undefined;
  if (isKilled) await run.ended;
  else await run.arm(never);
  return { isKilled, changes };
};
