import { setImmediate as nextTurn } from "node:timers/promises";

/** Who waits for a task; what belongs to one who is dead never runs. */
export type Owner = { name: string; isAlive: boolean };
type Task = { at: number; nth: number; owner: Owner; run: () => void; lateRun?: (() => void) | undefined };

/**
 * Decides what happens next. All that waits for something outside, a store, the network, time itself, waits for a task
 * here; one task runs at a time, in order of virtual time, once all that the one before caused has come to rest. So a
 * world is a function of its seed: nothing waits for the real clock, a socket or the disk.
 */
export type Scheduler = {
  now(): number;
  /** How many tasks ran so far: a clock that never stands still. */
  step(): number;
  /** `ifDead`: what happens at that time where the owner is dead by then. */
  after(ms: number, owner: Owner, run: () => void, ifDead?: () => void): void;
  sleep(ms: number, owner: Owner): Promise<void>;
  /** How long until the last of what the dead had begun has happened. */
  leftByTheDead(): number;
  /** Let time pass at once. */
  skip(ms: number): void;
  /** Runs tasks until `work` has an outcome. @throws where nothing is left that it could wait for */
  run<T>(work: Promise<T>): Promise<T>;
};

/** Far more than a world needs: what goes on for longer goes on for ever. */
const usualSteps = 200_000;

export const createScheduler = (start: number, mostSteps = usualSteps): Scheduler => {
  let time = start;
  let made = 0;
  let ran = 0;
  let tasks: Task[] = [];

  const takeNext = (): Task | undefined => {
    tasks = tasks.filter(({ owner, lateRun }) => owner.isAlive || lateRun);
    let first: Task | undefined;
    for (const task of tasks)
      if (!first || task.at < first.at || (task.at === first.at && task.nth < first.nth)) first = task;
    if (first) tasks.splice(tasks.indexOf(first), 1);
    return first;
  };

  const after: Scheduler["after"] = (ms, owner, run, ifDead) => {
    made += 1;
    tasks.push({ at: time + Math.max(0, ms), nth: made, owner, run, lateRun: ifDead });
  };

  return {
    after,
    now: () => Math.floor(time),
    step: () => ran,
    skip(ms) {
      time += ms;
    },
    leftByTheDead: () =>
      Math.max(
        0,
        ...tasks.filter(({ owner, lateRun }) => !owner.isAlive && lateRun).map(({ at }) => at - time),
      ),
    sleep: (ms, owner) => new Promise((wake) => after(ms, owner, wake)),
    async run(work) {
      const state = { isDone: false };
      const end = () => {
        state.isDone = true;
      };
      work.then(end, end);
      for (;;) {
        // A turn of the event loop lets every promise that can settle do so.
        await nextTurn();
        if (state.isDone) return await work;
        const task = takeNext();
        if (!task) throw new Error("Nothing is left to happen, and the work has not ended.");
        if (ran > mostSteps) throw new Error("The work does not end.");
        ran += 1;
        time = Math.max(time, task.at);
        (task.owner.isAlive ? task.run : task.lateRun)?.();
      }
    },
  };
};
