import { activateIntegration } from "../../shared/integrations/activate-integration.ts";
import type { Call, Ports } from "../../shared/provisioning/ports/ports.ts";
import { emptyMemory, type Memory } from "../memory/memory.ts";
import { beginAutomatic } from "./begin-automatic.ts";
import { type Caller, callers, createCaller } from "./caller.ts";
import { createChance } from "./chance.ts";
import type { Recorded } from "./check-truth.ts";
import { type Ledger, type Snapshot, snapshotOf } from "./ledger.ts";
import { lookAt } from "./look.ts";
import { type Plan, type PlannedCall, processCount } from "./plan.ts";
import { createProcess, type Process } from "./process.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import { seedProvider } from "./seed.ts";
import type { SimProvider, Target } from "./target.ts";
import { targetOf } from "./targets.ts";
import { createWatch, type Watch } from "./watch.ts";
import type { Workers } from "./workers.ts";

/** One world: what outlives its processes, the processes, and what is known of it all from outside. */
export type World = {
  target: Target;
  scheduler: Scheduler;
  memory: Memory;
  provider: SimProvider;
  ledger: Ledger;
  /** How the provider was before anything of ours. */
  first: Snapshot;
  /** Events as they were about to be written. */
  recorded: Recorded[];
  watch: Watch;
  processes: Process[];
  /** Where the service works by itself. */
  workers?: Workers;
  /** The stores as they are, read at once and without faults. */
  look: Ports;
  integrationId: string;
  /** All tokens that were ever valid, and those that were tried in vain. */
  secrets: Set<string>;
  /** Correlation ids of the calls so far, with the events that each one told. */
  told: Map<string, { eventIds: string[]; isWhole: boolean }>;
  /** Attempts that ended before anything was sent, and have no event. */
  withdrawn: Set<string>;
  /** The story: calls and what they came to. */
  log: string[];
  /** Faults that took place, in order. */
  met: string[];
  /** Accounts and groups that were there before. */
  foundIds: Set<string>;
  /** Of these, the ones that are nobody's here. */
  foreignIds: Set<string>;
  /** Known problems are told as well. */
  tellsKnown: boolean;
  /** The stores are so many times slower than usual. */
  slowness: number;
  /** Users who came back to the directory, and until when what was left of their deletion may be carried out. */
  returned: Map<number, number>;
  /** What was told as lost already. */
  lost: Set<string>;
  /** What cannot be dealt with until the faults stop. */
  poison?: { userId: string; email: string; kind: "refused" | "throws" };
  /** Nothing goes wrong any more. */
  isCalm: boolean;
  userId(at: number): string;
  groupId(at: number): string;
  email(name: string): string;
  groupName(at: number, variant: string): string;
  /** One line of all that happened. */
  trace(who: string, what: string): void;
  traced: string[];
  /** The process that carries a call out; a dead one is followed by the next. */
  processAt(at: number): Process;
  begin(
    what: string,
    planned: Pick<PlannedCall, "chance" | "store" | "network">,
  ): { call: Call; caller: Caller };
};

/** A Monday, so that nothing depends on today. */
const start = Date.UTC(2026, 0, 5);

/** What is wrong with the service on purpose: its ports, exchanged for others in every process. */
export type Defect = (ports: Ports) => Ports;

export type Options = {
  defect?: Defect | undefined;
  /** Tell known problems as well. */
  tellsKnown?: boolean;
};

export const openWorld = async (
  plan: Plan,
  { defect = (ports) => ports, tellsKnown = false }: Options = {},
): Promise<World> => {
  const target = targetOf(plan);
  const chance = createChance(plan.chance);
  const scheduler = createScheduler(start);
  const memory = emptyMemory();
  const provider = target.open({
    now: scheduler.now,
    pause: () => scheduler.sleep(30, { name: "provider", isAlive: true }),
    newHex: () => Array.from({ length: 16 }, () => chance.upTo(16).toString(16)).join(""),
  });
  let calls = 0;
  let born = 0;
  const bear = (at: number): Process => {
    born += 1;
    return createProcess(world, `p${at}.${born}`, { seed: chance.seed(), defect });
  };
  const traced: string[] = [];
  const world: World = {
    target,
    scheduler,
    memory,
    provider,
    ledger: [],
    first: { users: new Map(), groups: new Map() },
    recorded: [],
    watch: createWatch(() => world),
    processes: [],
    look: lookAt(memory, scheduler, chance),
    integrationId: "",
    secrets: new Set([provider.token]),
    told: new Map(),
    withdrawn: new Set(),
    log: [],
    met: [],
    foundIds: new Set(),
    foreignIds: new Set(),
    tellsKnown,
    lost: new Set(),
    returned: new Map(),
    slowness: 1,
    isCalm: true,
    userId: (at) => `u${at}`,
    groupId: (at) => `g${at}`,
    email: (name) => `${name}@example.com`,
    groupName: (at, variant) => `Group ${at}${variant}`,
    traced,
    trace: (who, what) => void traced.push(`${scheduler.now() - start} ${who} ${what}`),
    processAt(at) {
      const found = world.processes[at];
      if (found?.isAlive) return found;
      const next = bear(at);
      world.processes[at] = next;
      return next;
    },
    begin(what, planned) {
      calls += 1;
      const id = `c${calls}-${what}`;
      const now = scheduler.now();
      const actor: Call["actor"] = {
        initiatedBy: { type: "admin", id: "simulation" },
        authMethod: "token",
        clientIp: "127.0.0.1",
        userAgent: "simulation",
        correlation: { id, type: "request" },
      };
      return {
        // Events are found by the call that made them.
        call: { actor, sendUntil: now + 25_000, answerUntil: now + 26_500, isCorrelationGiven: true },
        caller: createCaller(id, planned, scheduler.step()),
      };
    },
  };
  for (let at = 0; at < processCount; at += 1) world.processes.push(bear(at));
  await seedProvider(world);
  world.first = await snapshotOf(provider);
  await activate(world, plan);
  if (plan.automatic) beginAutomatic(world, plan.automatic, defect);
  world.isCalm = false;
  return world;
};

/** What the integration of a world is activated with. */
export const activationOf = (
  { target, provider }: Pick<World, "target" | "provider">,
  { policies }: Pick<Plan, "policies">,
) => ({
  application: { name: "Simulation" },
  profile: target.profile,
  overrides: target.overrides,
  baseUrl: `https://scim.example.com${provider.basePath}`,
  credentials: { type: "bearer" as const, clientSecret: provider.token },
  groupsEnabled: target.groupsEnabled,
  attributeMappings: [],
  policies,
  test: { mode: "read" as const },
});

const activate = async (world: World, plan: Plan): Promise<void> => {
  const { call, caller } = world.begin("activate", plan);
  const { ports } = world.processAt(0);
  const activated = callers.run(caller, () => activateIntegration(ports, call, activationOf(world, plan)));
  world.integrationId = (await world.scheduler.run(activated)).integrationId;
  world.told.set(caller.id, { eventIds: [], isWhole: false });
};
