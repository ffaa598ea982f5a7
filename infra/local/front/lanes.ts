import type { EventEmitter } from "node:events";
import { createTurns, type TakeTurn, type TurnLimits } from "./turns.ts";

/** Calls that read, calls that take away (DELETE), and all others. */
type Lane = "changes" | "removals" | "reads";
export type LaneLimits = Record<Lane, TurnLimits>;

/**
 * More changes at once would wait for one of the 50 connections to a service provider, within the time that a request
 * to it has, and fail. Removals have turns of their own, so that no burst of joiners keeps a leaver waiting, and reads
 * have, since they need no provider; a list may be 4 MB. Who waits longer than 14 s would have no time left for a new
 * user at a slow provider: wait and work share the 28 s of a call.
 */
const defaultLimits: LaneLimits = {
  changes: { atOnce: 32, waiting: 1_000, patienceMs: 14_000 },
  removals: { atOnce: 8, waiting: 1_000, patienceMs: 14_000 },
  reads: { atOnce: 16, waiting: 1_000, patienceMs: 14_000 },
};

/** As `TakeTurn`, where a call waits for those of its own lane alone. */
export const createLanes = (
  limits: LaneLimits = defaultLimits,
): ((method: string | undefined, call: EventEmitter) => ReturnType<TakeTurn>) => {
  const turns: Record<Lane, TakeTurn> = {
    changes: createTurns(limits.changes),
    removals: createTurns(limits.removals),
    reads: createTurns(limits.reads),
  };
  return (method, call) => turns[laneOf(method)](call);
};

const laneOf = (method: string | undefined): Lane => {
  if (method === "GET" || method === "HEAD") return "reads";
  return method === "DELETE" ? "removals" : "changes";
};
