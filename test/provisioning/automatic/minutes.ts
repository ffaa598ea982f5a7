import { activateIntegration } from "../../../shared/integrations/activate-integration.ts";
import { testRefusedAgain } from "../../../shared/integrations/test-refused-again.ts";
import { atOnce } from "../../../shared/memory/request.ts";
import { uuidV7 } from "../../../shared/model/ids.ts";
import { activationInputSchema } from "../../../shared/model/inputs.ts";
import { dispatchChange } from "../../../shared/provisioning/automatic/dispatch-change.ts";
import { drainIntegration } from "../../../shared/provisioning/automatic/drain-integration.ts";
import { sweepWork } from "../../../shared/provisioning/automatic/sweep.ts";
import { provisionUser } from "../../../shared/provisioning/calls/provision-user.ts";
import type { Call, Ports } from "../../../shared/provisioning/ports/ports.ts";
import { createScimClient } from "../../../shared/scim/client.ts";
import { profileOf } from "../../../shared/scim/profiles/effective-profile.ts";
import { createExchange } from "../../../shared/scim/wire/transport.ts";
import { emptyMemory, openStores } from "../../memory/memory.ts";
import { startQuirky } from "../../providers/quirky/quirky.ts";
import { givenProvider } from "../../support/steps.ts";
import { virtualClock } from "../../support/virtual-clock.ts";

const minuteMs = 60_000;

/** The service with stores in memory and a real provider, on a clock of its own: hours pass at once. */
export const givenService = async () => {
  const clock = virtualClock();
  const memory = emptyMemory();
  const provider = await givenProvider(() => startQuirky({ now: clock.now }));
  const exchange = createExchange({ allowLoopback: true });
  const woken = new Set<string>();
  const ports: Ports = {
    ...openStores(memory, atOnce, clock.now),
    openProvider: createScimClient({
      ...{ now: clock.now, sleep: clock.sleep, random: () => 0.5, allowLoopback: true },
      exchange: (request) => clock.outside(() => exchange(request)),
    }),
    profileOf,
    clock: { now: clock.now, sleep: clock.sleep },
    newId: uuidV7,
    random: () => 0.5,
    wakeUps: { wake: async (integrationId) => void woken.add(integrationId) },
    organization: "example",
    eventRetentionDays: 90,
  };
  const call = (): Call => ({
    actor: {
      initiatedBy: { type: "service", id: "test" },
      authMethod: "none",
      clientIp: "",
      userAgent: "test",
      correlation: { id: uuidV7(clock.now()), type: "request" },
    },
    sendUntil: clock.now() + 20_000,
    answerUntil: clock.now() + 24_000,
  });
  const input = activationInputSchema.parse({
    application: { name: "Test application" },
    baseUrl: provider.baseUrl,
    credentials: { type: "bearer", clientSecret: provider.token },
  });
  const activation = { ...input, baseUrl: provider.baseUrl, groupsEnabled: true };
  const { integrationId } = await clock.run(activateIntegration(ports, call(), activation));

  /** What the minute's sweep, and the workers that it wakes, do; then the rest of the minute passes. */
  const minute = async (): Promise<void> => {
    const end = clock.now() + minuteMs;
    const failures = await testRefusedAgain(ports, { until: end });
    failures.push(...(await sweepWork(ports, { until: end })));
    for (const id of woken) {
      woken.delete(id);
      failures.push(...(await drainIntegration(ports, id, { until: clock.now() + 90_000 })).failures);
    }
    for (const failure of failures) throw failure;
    await clock.sleep(Math.max(0, end - clock.now()));
  };
  return {
    ports,
    memory,
    provider,
    clock,
    integrationId,
    call,
    run: clock.run,
    dispatch: (userId: string) => dispatchChange(ports, { kind: "user", id: userId }),
    minutes: (count: number): Promise<void> =>
      clock.run(
        (async () => {
          for (let at = 0; at < count; at += 1) await minute();
        })(),
      ),
    provision: (userId: string, fields: object = {}) => {
      const user = { email: `${userId}@example.com`, firstname: "Ada", lastname: userId, ...fields };
      return clock.run(provisionUser(ports, call(), { integrationId, userId }, user));
    },
    statusNow: async () => (await ports.integrations.read(integrationId))?.integration,
    stateOf: async (userId: string) => ports.userLinks.read({ integrationId, id: userId }),
    eventsOf: (type: string) =>
      [...memory.events.values()].map(({ event }) => event).filter(({ event_type }) => event_type === type),
  };
};
export type Service = Awaited<ReturnType<typeof givenService>>;
