import { activateIntegration } from "../../../shared/integrations/activate-integration.ts";
import { atOnce, type Request } from "../../../shared/memory/request.ts";
import { drainIntegration } from "../../../shared/provisioning/automatic/drain-integration.ts";
import { sweepWork } from "../../../shared/provisioning/automatic/sweep.ts";
import type { Call, Ports } from "../../../shared/provisioning/ports/ports.ts";
import { createScimClient } from "../../../shared/scim/client.ts";
import { profileOf } from "../../../shared/scim/profiles/effective-profile.ts";
import type { Exchange } from "../../../shared/scim/wire/transport.ts";
import { emptyMemory, openStores } from "../../memory/memory.ts";
import { memoryRateSchedule } from "../../memory/rate-schedule.ts";
import { createUsher } from "../../providers/usher.ts";
import { createChance, seededUuid } from "../../simulation/chance.ts";
import { toHttpAnswer, toProviderRequest } from "../../simulation/network.ts";

const basePath = "/scim/v2";
const start = Date.UTC(2026, 0, 5);
const token = "the-token-of-a-source-that-was-brought";
/** Mass removals are others' to test. */
const unguarded = { users: 10_000, percent: 100, most: 10_000 };

/**
 * Two services: the real client of one calls SCIM in of the other. Both have their stores in memory, and a clock that
 * goes on by a millisecond with each request and by as much as anybody waits.
 */
export const openTwoServices = async (seed: number) => {
  const chance = createChance(seed);
  let time = start;
  const now = () => time;
  const sleep = async (ms: number) => {
    time += Math.ceil(Math.max(0, ms));
  };
  const newId = (nowMs: number) => seededUuid(chance, nowMs);
  const other = await createUsher({ now, sleep, newId, token });
  const refused: string[] = [];
  // In place of sockets, whose order differs from run to run: the same seed sends the same requests.
  const exchange: Exchange = async (outgoing) => {
    const answer = await other.handle(toProviderRequest(outgoing, basePath));
    if (answer.status === 400 || answer.status >= 500)
      refused.push(`${outgoing.method} ${outgoing.url.pathname}: ${answer.body}`);
    return toHttpAnswer(answer);
  };

  const request: Request = async (what, apply) => {
    time += 1;
    return atOnce(what, apply);
  };
  const memory = emptyMemory();
  const schedule = memoryRateSchedule({ items: memory.rates, integrations: memory.integrations }, request);
  const ports: Ports = {
    ...openStores(memory, request, now),
    openProvider: createScimClient({ now, sleep, random: chance.next, schedule, exchange }),
    profileOf,
    clock: { now, sleep },
    newId,
    random: chance.next,
    wakeUps: { wake: async () => undefined },
    organization: "one",
    eventRetentionDays: 400,
  };
  let calls = 0;
  const aCall = (): Call => {
    calls += 1;
    return {
      actor: {
        initiatedBy: { type: "admin", id: "admin-1" },
        authMethod: "token",
        clientIp: "127.0.0.1",
        userAgent: "test",
        correlation: { id: `call-${calls}`, type: "request" },
      },
      sendUntil: now() + 25_000,
      answerUntil: now() + 26_500,
    };
  };
  const { integrationId } = await activateIntegration(ports, aCall(), {
    application: { name: "Another Usher" },
    profile: "generic",
    baseUrl: `https://other.example.com${basePath}`,
    credentials: { type: "bearer", clientSecret: token },
    groupsEnabled: true,
    attributeMappings: [],
    overrides: { rateLimit: { perSecond: 1_000, burst: 100 } },
    policies: {
      onUserUnassigned: "deprovision",
      onUserDeleted: "delete",
      onGroupDeleted: "delete",
      unassignedGrace: "0",
      guard: unguarded,
    },
    test: { mode: "read" },
    allowSharedTarget: true,
  });

  return {
    ports,
    other,
    /** Answers that tell of a fault. */
    refused,
    chance,
    integrationId,
    aCall,
    pass: sleep,
    /** Carries out what has become due by itself, here and there. */
    settle: async () => {
      for (let turn = 0; turn < 3; turn += 1) {
        const failed = await sweepWork(ports, { until: now() + 20_000 });
        const drained = await drainIntegration(ports, integrationId, { until: now() + 60_000 });
        // The rest of what was asked for there goes on by itself as well.
        const there = await sweepWork(other.ports, { until: now() + 20_000 });
        const failures = [...failed, ...drained.failures, ...there];
        if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("; "));
        await sleep(60_000);
      }
    },
  };
};
export type TwoServices = Awaited<ReturnType<typeof openTwoServices>>;
