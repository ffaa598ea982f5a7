import { type Request, unavailable } from "../../shared/memory/request.ts";
import { callers } from "./caller.ts";
import { checkNothingLost } from "./check-work.ts";
import { slowMs, waitOf } from "./delays.ts";
import { isKnown } from "./known.ts";
import type { Process } from "./process.ts";
import { isWorker, poisoned } from "./workers.ts";
import type { World } from "./world.ts";

/** Most answers of a store come within so many milliseconds. */
const storeMs = 25;

/** Requests of stores: each takes its time, and meets what the plan of its call says. */
export const storeRequests =
  (world: World, own: () => Process): Request =>
  (what, apply) =>
    new Promise((resolve, reject) => {
      const process = own();
      const caller = callers.getStore();
      const planned = caller?.nextStoreFault();
      const fault = planned && !world.isCalm && !isKnown("store", planned, what) ? planned : undefined;
      const note = (how: string) => world.trace(process.name, `${caller?.id ?? ""} ${what}: ${how}`);
      if (fault) world.met.push(`${caller?.id}: ${fault} at ${what}`);
      const carryOut = () => {
        try {
          const result = apply();
          note(fault ?? "ok");
          if (fault === "reply-lost") reject(unavailable());
          else if (fault === "death-after") process.die();
          else if (process.isAlive) resolve(result);
          if (world.workers && !/^(read|list|query)/.test(what)) noteWrite(world, `${caller?.id}: ${what}`);
          tellWorkers(world, what);
        } catch (error) {
          note("refused");
          reject(error);
        }
      };
      const refuse = () => {
        note(fault ?? "");
        if (fault === "refused") reject(unavailable());
        else process.die();
      };
      if (isPoisoned(world, caller?.id, what)) return reject(new Error(poisoned));
      const isRefused = fault === "refused" || fault === "death-before";
      const ms = waitOf(caller, storeMs * world.slowness) + (fault === "slow" ? slowMs : 0);
      // What a dead process had sent by then is carried out all the same, every other time.
      const isSent = caller?.chance.isTrue(0.5) ?? false;
      world.scheduler.after(
        ms,
        process,
        isRefused ? refuse : carryOut,
        isSent && !isRefused ? carryOut : undefined,
      );
    });

/** Whatever is killed behind this write, nothing may be lost. */
const noteWrite = (world: World, what: string): void => {
  const lost = checkNothingLost(world).filter((one) => !world.lost.has(one));
  for (const one of lost) {
    world.lost.add(one);
    world.watch.problems.push(`after ${what}: ${one}`);
  }
};

/** As the stream: an item was written that bears the mark of a change. */
const tellWorkers = ({ workers, memory }: World, what: string): void => {
  if (!workers) return;
  const [, kind, id = ""] = /^(?:save|change) (user|group) (.+)$/.exec(what) ?? [];
  if (kind === "user" && memory.users.get(id)?.changed) workers.written({ kind, id });
  if (kind === "group" && memory.groups.get(id)?.saved.changed) workers.written({ kind, id });
};

/** A bug that one object alone meets, wherever automatic work comes to it. */
const isPoisoned = ({ poison, isCalm }: World, caller: string | undefined, what: string): boolean =>
  poison?.kind === "throws" &&
  !isCalm &&
  caller !== undefined &&
  isWorker(caller) &&
  what.startsWith(`read user ${poison.userId}`);
