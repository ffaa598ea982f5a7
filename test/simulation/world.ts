import { activateIntegration } from "../../shared/integrations/activate-integration.ts";
import type { Policies } from "../../shared/model/integration.ts";
import type { Call, Ports } from "../../shared/provisioning/ports/ports.ts";
import type { TestProvider } from "../providers/provider.ts";
import { type Fault, scheduleFaults } from "../providers/quirky/faults.ts";
import { startFaultyWay, type Way } from "../providers/quirky/way.ts";
import type { Ground } from "./ground.ts";
import { seed } from "./seed.ts";
import type { Target } from "./targets.ts";
import { type Caller, createWatch, type Watch, watchPorts, watchRequests } from "./watch.ts";

/** One scenario's provider, integration and ids. */
export type World = {
  ground: Ground;
  target: Target;
  provider: TestProvider;
  way: Way;
  watch: Watch;
  integrationId: string;
  /** All tokens that were ever valid, and those that were tried in vain. */
  secrets: Set<string>;
  /** Correlation ids of the calls so far, with the events that each one told. */
  told: Map<string, { eventIds: string[]; isWhole: boolean }>;
  log: string[];
  /** Accounts and groups that were there before. */
  foundIds: Set<string>;
  /** Of these, the ones that are nobody's here. */
  foreignIds: Set<string>;
  userId(at: number): string;
  groupId(at: number): string;
  email(name: string): string;
  groupName(at: number, variant: string): string;
  /** The ports and the caller of one call, which is known by its correlation id. */
  begin(what: string): { ports: Ports; call: Call; correlationId: string; caller: Caller };
  close(): Promise<void>;
};

let made = 0;

export const openWorld = async (
  ground: Ground,
  target: Target,
  { faults, policies }: { faults: readonly Fault[]; policies: Policies },
): Promise<World> => {
  made += 1;
  const scope = `s${made}`;
  const { clock } = ground;
  const provider = await target.start(clock.now);
  const way = await startFaultyWay(provider, clock.now);
  const watch = createWatch();
  const endWatch = watchRequests(new URL(way.baseUrl).host, watch);
  let calls = 0;
  const world: World = {
    ground,
    target,
    provider,
    way,
    watch,
    integrationId: "",
    secrets: new Set([provider.token]),
    told: new Map(),
    log: [],
    foundIds: new Set(),
    foreignIds: new Set(),
    userId: (at) => `${scope}-u${at}`,
    groupId: (at) => `${scope}-g${at}`,
    email: (name) => `${name}.${scope}@example.com`,
    groupName: (at, variant) => `Group ${at}${variant} of ${scope}`,
    begin(what) {
      calls += 1;
      const correlationId = `${scope}-${calls}-${what}`;
      const caller = { what: correlationId, isReauth: what === "reauth" };
      const now = clock.now();
      const actor: Call["actor"] = {
        initiatedBy: { type: "admin", id: "simulation" },
        authMethod: "token",
        clientIp: "127.0.0.1",
        userAgent: "simulation",
        correlation: { id: correlationId, type: "request" },
      };
      return {
        ports: watchPorts(ground.ports, watch, caller),
        call: { actor, sendUntil: now + 25_000, answerUntil: now + 26_500 },
        correlationId,
        caller,
      };
    },
    async close() {
      endWatch();
      await way.close();
      await provider.close();
    },
  };
  try {
    await seed(world);
    provider.requests.length = 0;
    const { ports, call, correlationId } = world.begin("activate");
    const { integrationId } = await activateIntegration(ports, call, {
      application: { name: "Simulation" },
      profile: target.profile,
      overrides: target.overrides,
      baseUrl: way.baseUrl,
      credentials: { type: "bearer", clientSecret: provider.token },
      groupsEnabled: target.groupsEnabled,
      attributeMappings: [],
      policies,
      test: { mode: "read" },
    });
    world.integrationId = integrationId;
    world.told.set(correlationId, { eventIds: [], isWhole: false });
    way.fault = scheduleFaults(faults);
  } catch (error) {
    await world.close();
    throw error;
  }
  return world;
};
