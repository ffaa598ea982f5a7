import { describe, expect, test } from "vitest";
import {
  findAccepted,
  refuseWhileAccepted,
  withAccepted,
} from "../../../shared/provisioning/attempts/accepted-creation.ts";
import { fakeClock } from "../../scim/loopback.ts";

const nobody = { attempts: 0 };
const minute = 60_000;

describe("looking for what was accepted", () => {
  test("waits longer each time, and ends", async () => {
    const clock = fakeClock();
    let lookups = 0;
    const find = async () => {
      lookups += 1;
      return undefined;
    };
    expect(await findAccepted(clock, clock.now() + minute, find)).toBeUndefined();
    expect(clock.waits).toEqual([250, 500, 1_000, 2_000]);
    expect(lookups).toBe(5);
  });

  test("ends with the first find", async () => {
    const clock = fakeClock();
    const finds = [undefined, undefined, "account", "another"];
    expect(await findAccepted(clock, clock.now() + minute, async () => finds.shift())).toBe("account");
    expect(clock.waits).toEqual([250, 500]);
  });

  test("begins no wait that the time of the call would not outlast", async () => {
    const clock = fakeClock();
    const until = clock.now() + 750;
    expect(await findAccepted(clock, until, async () => undefined)).toBeUndefined();
    expect(clock.waits).toEqual([250]);
  });
});

describe("a creation that was accepted", () => {
  const now = Date.UTC(2026, 0, 1);
  const accepted = withAccepted(nobody, now);

  test("holds a second POST back for five minutes, and no longer", () => {
    expect(() => refuseWhileAccepted(nobody, now)).not.toThrow();
    expect(() => refuseWhileAccepted(accepted, now + 5 * minute - 1)).toThrow(
      "accepted the creation at 2026-01-01T00:00:00.000Z but has not shown the resource yet",
    );
    expect(() => refuseWhileAccepted(accepted, now + 5 * minute)).not.toThrow();
  });

  test("keeps its moment while it is waited for, and gets a new one behind a new POST", () => {
    expect(withAccepted(accepted, now + minute)).toEqual(accepted);
    expect(withAccepted(accepted, now + 6 * minute)).toEqual({
      attempts: 0,
      acceptedAt: "2026-01-01T00:06:00.000Z",
    });
  });
});
