import { settleLifecycleAttempt } from "../../integrations/settle-lifecycle-attempt.ts";
import { settleGroupAttempt } from "../groups/settle-group-attempt.ts";
import { settleHold } from "../holds/settle-hold.ts";
import type { OpenAttemptRef } from "../ports/link-store.ts";
import type { Ports } from "../ports/ports.ts";
import { settleUserAttempt } from "../users/settle-user-attempt.ts";

/** An answer may come this much later than the last request begins. */
const answerMs = 5_000;

/**
 * Settle attempts whose process is gone, until the time (Unix ms) is over. Safe to run at any time and beside
 * anything: the process that takes an orphan over is the only one to settle it. One that fails is left for the next run.
 * @returns how many were settled, and the failures for the log
 */
export const recoverAttempts = async (
  ports: Ports,
  { until }: { until: number },
): Promise<{ settled: number; failures: unknown[] }> => {
  const times = { sendUntil: until - answerMs, answerUntil: until };
  const failures: unknown[] = [];
  let settled = 0;
  for (const ref of await ports.attempts.orphans(ports.clock.now())) {
    if (ports.clock.now() >= times.sendUntil) break;
    try {
      await settle(ports, times, ref);
      settled += 1;
    } catch (error) {
      failures.push(error);
    }
  }
  return { settled, failures };
};

const settle = async (
  ports: Ports,
  times: { sendUntil: number; answerUntil: number },
  { kind, key }: OpenAttemptRef,
): Promise<void> => {
  if (kind === "integration") {
    const row = await ports.integrations.read(key.integrationId);
    if (row) await settleLifecycleAttempt(ports, row);
  } else if (kind === "hold") {
    const hold = await ports.holds.read({ integrationId: key.integrationId, holdId: key.id });
    if (hold) await settleHold(ports, hold);
  } else if (kind === "user") {
    const link = await ports.userLinks.read(key);
    if (link) await settleUserAttempt(ports, times, link);
  } else {
    const link = await ports.groupLinks.read(key);
    if (link) await settleGroupAttempt(ports, times, link);
  }
};
