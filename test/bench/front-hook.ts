import { readFileSync } from "node:fs";
import { type Profiler, Session } from "node:inspector/promises";
import { serveParent } from "./child.ts";
import { timeByPart } from "./front-parts.ts";

/**
 * What the bench asks the embedded run of any commit, loaded before its code: `node --import front-hook.ts start.ts`.
 * The commit itself needs to know nothing of it.
 */
const session = new Session();
session.connect();

/** Bytes that the process gave to the disk so far; undefined where the system does not count them. */
const writtenBytes = (): number | undefined => {
  try {
    return Number(/^write_bytes: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
  } catch {
    return undefined;
  }
};

serveParent(
  {},
  {
    writtenBytes,
    startProfile: async () => {
      await session.post("Profiler.enable");
      await session.post("Profiler.start");
    },
    stopProfile: async () => {
      const { profile } = (await session.post("Profiler.stop")) as { profile: Profiler.Profile };
      return timeByPart(profile);
    },
  },
  () => {},
);
