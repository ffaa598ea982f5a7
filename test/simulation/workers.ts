import { Failure } from "../../shared/model/failure.ts";
import { dispatchChange } from "../../shared/provisioning/automatic/dispatch-change.ts";
import { drainIntegration } from "../../shared/provisioning/automatic/drain-integration.ts";
import { sweepWork } from "../../shared/provisioning/automatic/sweep.ts";
import { recoverAttempts } from "../../shared/provisioning/calls/recover-attempts.ts";
import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import type { ObjectRef } from "../../shared/provisioning/ports/work-index.ts";
import type { Automatic } from "./automatic.ts";
import { callers, createCaller } from "./caller.ts";
import { createChance } from "./chance.ts";
import { createMessages } from "./messages.ts";
import type { Process } from "./process.ts";
import type { Owner } from "./scheduler.ts";
import { earlyMs, isAnyDue, waitingIn } from "./waiting.ts";
import type { World } from "./world.ts";

/** The automatic part of the service: what the stream, the queue and the clock start. */
export type Workers = {
  /** To be told of each write that left a mark of a change. */
  written(ref: ObjectRef): void;
  wake(integrationId: string): void;
  /** The minutes go on. */
  start(): void;
  /** How many runs are under way. */
  running(): number;
};

type Kind = "dispatch" | "drain" | "sweep";
/** A Lambda is stopped after so long. */
const mostMs: Record<Kind, number> = { dispatch: 29_000, drain: 120_000, sweep: 29_000 };
/** Until when each goes on. */
const workMs: Record<Kind, number> = { dispatch: 26_000, drain: 90_000, sweep: 27_000 };
const drainsAtOnce = 2;
const minuteMs = 60_000;

const nobody: Owner = { name: "nobody", isAlive: true };
export const isWorker = (caller: string): boolean => /^w\d+-/.test(caller);

export const createWorkers = (world: World, plan: Automatic, bear: (name: string) => Process): Workers => {
  const { scheduler } = world;
  const chance = createChance(plan.chance);
  const pool: Record<Kind, { process: Process; isBusy: boolean }[]> = { dispatch: [], drain: [], sweep: [] };
  let runs = 0;
  let running = 0;

  const placeOf = (kind: Kind) => {
    const free = pool[kind].find(({ isBusy, process }) => !isBusy && process.isAlive);
    if (free) return free;
    const made = { process: bear(`${kind}${pool[kind].length}`), isBusy: false };
    pool[kind] = [...pool[kind].filter(({ process }) => process.isAlive), made];
    return made;
  };

  /** One run in a process of its own kind, with all that it meets. It dies, or tells its failures. */
  const run = async (
    kind: Kind,
    about: string,
    work: (ports: Ports, until: number) => Promise<unknown[]>,
  ): Promise<void> => {
    const nth = runs;
    runs += 1;
    running += 1;
    const faults = plan.runs.find((one) => one.nth === nth) ?? {};
    const place = placeOf(kind);
    const { process } = place;
    place.isBusy = true;
    const jump = plan.jumps.find((one) => one.nth === nth);
    if (jump && !world.isCalm) process.jump(jump.ms);
    const caller = createCaller(`w${nth}-${kind}`, { chance: chance.seed(), ...faults }, scheduler.step());
    world.trace(process.name, `${caller.id} ${about}`);
    let isOver = false;
    scheduler.after(mostMs[kind], process, () => {
      if (!isOver) process.die();
    });
    const until = process.ports.clock.now() + workMs[kind];
    const worked = callers.run(caller, () => work(process.ports, until).catch((error: unknown) => [error]));
    const failures = await Promise.race([worked, process.death]);
    isOver = true;
    place.isBusy = false;
    running -= 1;
    if (failures !== "died") for (const failure of failures) note(caller.id, failure);
  };

  const note = (who: string, failure: unknown): void => {
    world.trace(who, failure instanceof Error ? `failed: ${failure.message}` : String(failure));
    if (failure instanceof Failure || (failure instanceof Error && isExpected(failure))) return;
    world.watch.problems.push(`${who} threw ${failure instanceof Error ? failure.stack : String(failure)}`);
  };

  const draining = new Map<string, { count: number; isWokenAgain: boolean }>();
  const drain = async (integrationId: string): Promise<void> => {
    const now = draining.get(integrationId) ?? { count: 0, isWokenAgain: false };
    draining.set(integrationId, now);
    if (now.count === drainsAtOnce) {
      now.isWokenAgain = true;
      return;
    }
    now.count += 1;
    await run(
      "drain",
      integrationId,
      async (ports, until) => (await drainIntegration(ports, integrationId, { until })).failures,
    );
    now.count -= 1;
    if (!now.isWokenAgain) return;
    now.isWokenAgain = false;
    await drain(integrationId);
  };

  const sweep = () =>
    run("sweep", "", async (ports, until) => {
      const { failures } = await recoverAttempts(ports, { until });
      return [...failures, ...(await sweepWork(ports, { until }))];
    });

  const dispatch = ({ kind, id }: ObjectRef) =>
    run("dispatch", `${kind} ${id}`, async (ports) => {
      await dispatchChange(ports, { kind, id });
      return [];
    });

  const records = createMessages<ObjectRef>(world, chance, { ...plan, faults: plan.records, hand: dispatch });
  const wakeUps = createMessages<string>(world, chance, { faults: plan.wakeUps, hand: drain });

  /** How many minutes go by in which nothing comes due, once nobody changes anything any more. */
  const quietMinutes = (): number => {
    const next = Math.min(...waitingIn(world).map(({ at }) => at)) - scheduler.now() - earlyMs;
    return Math.min(60, Math.max(1, Math.floor(next / minuteMs)));
  };

  let minutes = 0;
  const minute = () => {
    scheduler.after(minuteMs * (world.isCalm && running === 0 ? quietMinutes() : 1), nobody, minute);
    const kind = world.isCalm ? undefined : plan.sweeps.find(({ nth }) => nth === minutes)?.kind;
    minutes += 1;
    if (kind) world.met.push(`sweep ${minutes}: ${kind}`);
    // A sweep that has nothing to find does nothing: it is left out, so that days may pass.
    if (kind === "lost" || !isAnyDue(world)) return;
    void sweep();
    if (kind === "doubled") void sweep();
  };

  return {
    written: records.send,
    wake: wakeUps.send,
    start: () => scheduler.after(minuteMs, nobody, minute),
    running: () => running,
  };
};

export const poisoned = "The poison of this world.";

/** What a worker may tell without a fault of its own: the sweep comes back to it. */
const isExpected = ({ message }: Error): boolean =>
  message === poisoned || message === "The link keeps changing.";
