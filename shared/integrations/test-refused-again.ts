import { concurrently } from "../common/concurrently.ts";
import { omit } from "../common/objects.ts";
import type { Integration } from "../model/integration.ts";
import type { Standing } from "../model/standing.ts";
import { changeStanding, recordStanding, withDue, withEventOf } from "../provisioning/attempts/standing.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { checkConnection } from "./check-connection.ts";

const minute = 60_000;
/** From one test to the next: after 1, 5 and 15 minutes, then each hour. */
const waits = [1, 4, 10].map((minutes) => minutes * minute);
const longestWait = 60 * minute;
const longestTestMs = 20_000;
const answerMs = 4_000;
const atOnce = 8;

/**
 * Test the secrets again that were refused, as a test of the integration does: by reading nothing of anybody. One that is
 * taken makes its integration active, with an event, and what has waited due.
 * @returns the failures for the log
 */
export const testRefusedAgain = async (ports: Ports, { until }: { until: number }): Promise<unknown[]> => {
  const failures: unknown[] = [];
  const now = ports.clock.now();
  const due = (await ports.integrations.current()).filter(
    (integration) => isWaiting(integration) && healingOf(integration).nextAt <= now,
  );
  await concurrently(due, atOnce, async (integration) => {
    await testAgain(ports, integration, until).catch((error: unknown) => failures.push(error));
  });
  return failures;
};

const isWaiting = ({ status, pausedAt }: Integration): boolean =>
  status === "needs_reauth" && pausedAt === undefined;

/** The tests of this very secret; the first is due a minute after it was refused. */
const healingOf = ({
  standing,
  secretVersionId,
  updatedAt,
}: Integration): NonNullable<Standing["healing"]> => {
  const { healing } = standing ?? {};
  if (healing?.secretVersionId === secretVersionId) return healing;
  return { secretVersionId, tests: 0, nextAt: Date.parse(updatedAt) + minute };
};

const testAgain = async (ports: Ports, { integrationId }: Integration, until: number): Promise<void> => {
  // Taken before it is made, so that no other process makes it as well.
  const taken = await changeStanding(ports, integrationId, (now, integration) => {
    const healing = healingOf(integration);
    const at = ports.clock.now();
    if (!isWaiting(integration) || healing.nextAt > at) return undefined;
    const tests = healing.tests + 1;
    return { ...now, healing: { ...healing, tests, nextAt: at + (waits[tests] ?? longestWait) } };
  });
  if (!taken) return;
  const sendUntil = Math.min(until - answerMs, ports.clock.now() + longestTestMs);
  const { ok } = await checkConnection(
    ports,
    { sendUntil, answerUntil: sendUntil + answerMs },
    integrationId,
  );
  if (!ok) return;
  const at = ports.clock.now();
  const healedAt = new Date(at).toISOString();
  const healed = { secretVersionId: taken.secretVersionId, at: healedAt };
  const changed = await changeStanding(
    ports,
    integrationId,
    (now, integration) =>
      withEventOf(
        { ports, integration },
        { ...withDue(omit(now, "healing"), ["retrying"], at), healedAt },
        {
          eventType: "idm_integration_recovered",
          changes: [{ field: "status", from: "needs_reauth", to: "active" }],
          note: "The service provider takes the credentials again that it had refused.",
        },
      ),
    { healed },
  );
  if (changed) await recordStanding(ports, changed);
};
