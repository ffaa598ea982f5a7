import { expect, test } from "vitest";
import { durationMs, durationSchema } from "../../shared/model/duration.ts";

test.each([
  ["0", 0],
  ["90s", 90_000],
  ["5m", 300_000],
  ["12h", 43_200_000],
  ["30d", 2_592_000_000],
  ["99999d", 8_639_913_600_000],
])("%s is %i ms", (text, ms) => {
  expect(durationSchema.parse(text)).toBe(text);
  expect(durationMs(text)).toBe(ms);
});

test.each(["", "5", "00", "0s", "05m", "-1d", "1.5h", "5M", "1w", " 5m", "5m ", "100000s", 5])(
  "%j is no duration",
  (text) => {
    expect(durationSchema.safeParse(text).success).toBe(false);
  },
);
