import { type Request, unavailable } from "../memory/request.ts";
import { callers } from "./caller.ts";
import { slowMs, waitOf } from "./delays.ts";
import { isKnown } from "./known.ts";
import type { Process } from "./process.ts";
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
      const isRefused = fault === "refused" || fault === "death-before";
      const ms = waitOf(caller, storeMs) + (fault === "slow" ? slowMs : 0);
      // What a dead process had sent by then is carried out all the same, every other time.
      const isSent = caller?.chance.isTrue(0.5) ?? false;
      world.scheduler.after(
        ms,
        process,
        isRefused ? refuse : carryOut,
        isSent && !isRefused ? carryOut : undefined,
      );
    });
