import { unavailable } from "../../../shared/memory/request.ts";
import { uuidV7 } from "../../../shared/model/ids.ts";
import type { UserLink } from "../../../shared/model/link.ts";
import type { Call, Context, Ports } from "../../../shared/provisioning/ports/ports.ts";
import { emptyMemory, openStores } from "../../memory/memory.ts";
import { makeIntegration } from "../../stores/samples.ts";

const integrationId = "int";

/** An integration that holds so many open accounts, over stores in memory. `failing` names a request that fails. */
export const givenAccounts = (count: number) => {
  const memory = emptyMemory();
  const integration = makeIntegration({ integrationId });
  memory.integrations.set(integrationId, { integrationId, integration, rev: 1 });
  const people = Array.from({ length: count }, (_, at) => `user-${at}`);
  for (const id of people)
    memory.userLinks.set(`${id}#${integrationId}`, {
      integrationId,
      id,
      rev: 1,
      assignment: { direct: true, groups: [], excluded: false },
      observed: { attempts: 1, remoteId: `r-${id}`, pushed: { active: true } },
      work: { state: "held", urgency: 0, at: 0, since: 0, setAt: 0 },
    } as UserLink);
  let now = Date.UTC(2026, 0, 1);
  const state = { failing: "" };
  const request = async <T>(what: string, apply: () => T): Promise<T> => {
    await Promise.resolve();
    if (state.failing && what.startsWith(state.failing)) throw unavailable();
    return apply();
  };
  const woken: string[] = [];
  const ports = {
    ...openStores(memory, request, () => now),
    clock: { now: () => now, sleep: async () => undefined },
    newId: uuidV7,
    random: () => 0.5,
    organization: "org",
    eventRetentionDays: 400,
    wakeUps: { wake: async (id: string) => void woken.push(id) },
  } as unknown as Ports;
  const callOf = (by: string, correlationId: string): Call => ({
    actor: {
      initiatedBy: { type: "admin", id: by },
      authMethod: "token",
      clientIp: "127.0.0.1",
      userAgent: "test",
      correlation: { id: correlationId, type: "request" },
    },
    sendUntil: now + 1e6,
    answerUntil: now + 1e6,
  });
  const contextOf = (by: string, correlationId: string): Context => ({
    ports,
    integration,
    call: callOf(by, correlationId),
  });
  return {
    memory,
    ports,
    people,
    state,
    woken,
    callOf,
    contextOf,
    pass: (ms: number) => {
      now += ms;
    },
    holds: async () => (await ports.holds.list(integrationId, { limit: 50 })).items,
    events: () => [...memory.events.values()].map(({ event }) => event),
    workOf: (id: string) => memory.userLinks.get(`${id}#${integrationId}`)?.work,
  };
};
