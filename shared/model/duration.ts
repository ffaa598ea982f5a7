import * as z from "zod";

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A span of time as callers write it: `90s`, `5m`, `12h`, `30d`, and `0` for none. */
export const durationSchema = z
  .string()
  .regex(/^(0|[1-9]\d{0,4}[smhd])$/, 'use a whole number with s, m, h or d, such as "90s" or "30d", or "0"');

/** Of a text that the schema has taken, in ms. */
export const durationMs = (text: string): number =>
  text === "0" ? 0 : Number(text.slice(0, -1)) * unitMs[text.slice(-1) as keyof typeof unitMs];
