import { expect, test } from "vitest";
import { createLearnedLimits } from "../../../shared/scim/rate/learned-limits.ts";

const now = Date.UTC(2026, 0, 1);

test("several 429s of one moment slow down once, and one after the pause once more", () => {
  const limits = createLearnedLimits();
  for (let sent = 0; sent < 8; sent += 1) limits.noteSent(now);
  for (let refused = 0; refused < 8; refused += 1) limits.learn({ status: 429 }, now, refused > 0);
  const first = limits.pace(now)!.intervalMs;
  expect(1000 / first).toBeCloseTo(4, 0);
  limits.learn({ status: 429 }, now + 2_000, false);
  expect(limits.pace(now + 2_000)!.intervalMs).toBeCloseTo(first * 1.5);
});
