import type { IncomingMessage } from "node:http";
import { createTurns, type TakeTurn, type TurnLimits } from "./turns.ts";

/** Calls that read, calls that take away (DELETE), and all others. */
type Lane = "changes" | "removals" | "reads";
export type LaneLimits = Record<Lane, TurnLimits>;

/**
 * More changes at once would wait for one of the 50 connections to a service provider, within the time that a request
 * to it has, and fail. Removals have turns of their own, so that no burst of joiners keeps a leaver waiting, and reads
 * have, since they need no provider; a list may be 4 MB.
 */
const defaultLimits: LaneLimits = {
  changes: { atOnce: 32, waiting: 1_000, patienceMs: 25_000 },
  removals: { atOnce: 8, waiting: 1_000, patienceMs: 25_000 },
  reads: { atOnce: 16, waiting: 1_000, patienceMs: 25_000 },
};

/** As `TakeTurn`, where a request waits for those of its own lane alone. */
export const createLanes = (
  limits: LaneLimits = defaultLimits,
): ((request: IncomingMessage) => ReturnType<TakeTurn>) => {
  const turns: Record<Lane, TakeTurn> = {
    changes: createTurns(limits.changes),
    removals: createTurns(limits.removals),
    reads: createTurns(limits.reads),
  };
  return (request) => turns[laneOf(request.method)](request);
};

const laneOf = (method: string | undefined): Lane => {
  if (method === "GET" || method === "HEAD") return "reads";
  return method === "DELETE" ? "removals" : "changes";
};
