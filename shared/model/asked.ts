import type { Actor } from "./event.ts";

/** Who asked for a change that was saved, when (RFC 3339), and under which correlation: kept with it. */
export type Asked = { by: Actor["initiatedBy"]; at: string } & Pick<Actor, "correlation" | "reason">;

/** What one attempt carries out: how many changes that were asked for, and when the first of them was (RFC 3339). */
export type Serves = { since: string; requests: number };

export const askedBy = ({ initiatedBy, correlation, reason }: Actor, nowMs: number): Asked => ({
  by: initiatedBy,
  at: new Date(nowMs).toISOString(),
  correlation,
  ...(reason !== undefined && { reason }),
});

export const isAskedBy = (asked: Asked | undefined, { initiatedBy, correlation }: Actor): boolean =>
  asked?.correlation.id === correlation.id && asked.by.id === initiatedBy.id;
