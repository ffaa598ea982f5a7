import { expect, test } from "vitest";
import { activateIntegration } from "../../shared/integrations/activate-integration.ts";
import { deleteIntegration } from "../../shared/integrations/delete-integration.ts";
import { reauthIntegration } from "../../shared/integrations/reauth-integration.ts";
import { updateIntegration } from "../../shared/integrations/update-integration.ts";
import { Failure } from "../../shared/model/failure.ts";
import { recoverAttempts } from "../../shared/provisioning/calls/recover-attempts.ts";
import type { Call, Ports } from "../../shared/provisioning/ports/ports.ts";
import { callers } from "./caller.ts";
import { checkEvents } from "./check-events.ts";
import type { Plan, PlannedCall } from "./plan.ts";
import { activationOf, openWorld, type World } from "./world.ts";

/**
 * Every call of users and groups dies at each of its requests in every-request.test.ts; here are those of integrations.
 */
const plan: Plan = {
  target: "generic",
  policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
  chance: 1,
  rounds: [],
};

type Lifecycle = {
  /** The provider takes another token from now on. */
  rotates?: true;
  call(world: World, ports: Ports, call: Call): Promise<unknown>;
  /** What is wrong after the call has come through. */
  wrong(world: World): string[];
};
const next = "the-token-after-it";
const credentials = { type: "bearer" as const, clientSecret: next };

const rowsOf = ({ memory }: World) => [...memory.integrations.values()];
const statuses = (world: World) => rowsOf(world).map(({ integration }) => integration?.status);
const isOpen = (world: World): string[] =>
  statuses(world).every((status) => status === "active") ? [] : [`integrations are ${statuses(world)}`];

/** Secrets that no living integration uses, and integrations without theirs. */
const wrongSecrets = ({ memory, ...world }: World): string[] => {
  const living = rowsOf({ memory, ...world }).flatMap(({ integration }) =>
    integration && integration.status !== "deleted" ? [integration.integrationId] : [],
  );
  const kept = [...memory.secrets].flatMap(([id, { isDeleted }]) => (isDeleted ? [] : [id]));
  return [
    ...kept.filter((id) => !living.includes(id)).map((id) => `a secret of ${id} is left`),
    ...living.filter((id) => !kept.includes(id)).map((id) => `${id} has no secret`),
  ];
};

const lifecycles: Record<string, Lifecycle> = {
  "an activation": {
    call: (world, ports, call) =>
      activateIntegration(ports, call, { ...activationOf(world, plan), allowSharedTarget: true }),
    wrong(world) {
      const told = [...world.memory.events.values()].filter(
        ({ event }) => event.success && event.event_type === "idm_integration_activate",
      );
      const made = rowsOf(world).filter(({ integration }) => integration !== undefined).length;
      return [
        ...isOpen(world),
        ...(made === told.length ? [] : [`${made} integrations, ${told.length} activations told`]),
      ];
    },
  },
  "an update": {
    rotates: true,
    call: ({ integrationId }, ports, call) =>
      updateIntegration(ports, call, { integrationId }, { credentials, test: { mode: "read" } }),
    wrong: isOpen,
  },
  "a reauth": {
    rotates: true,
    call: ({ integrationId }, ports, call) =>
      reauthIntegration(ports, call, { integrationId }, { credentials, test: { mode: "read" } }),
    wrong: isOpen,
  },
  "a deletion": {
    call: async ({ integrationId }, ports, call) => {
      try {
        await deleteIntegration(ports, call, integrationId);
      } catch (error) {
        // Recovery may have finished it.
        if (!(error instanceof Failure && error.code === "integration-not-active")) throw error;
      }
    },
    wrong: (world) => (statuses(world).join() === "deleted" ? [] : [`it is ${statuses(world)}`]),
  },
};

type Faults = Pick<PlannedCall, "store" | "network">;

/** Run it in the process of now: `died` where that ended before the call did. */
const run = async (
  world: World,
  name: string,
  work: (ports: Ports, call: Call) => Promise<unknown>,
  faults: Faults = {},
) => {
  const process = world.processAt(0);
  const { call, caller } = world.begin(name, { chance: 7, ...faults });
  world.told.set(caller.id, { eventIds: [], isWhole: false });
  const done = callers.run(caller, () => work(process.ports, call).then(() => "done" as const));
  return world.scheduler.run(Promise.race([done, process.death]));
};

/**
 * What is wrong after the process ended there, another recovered, and the call was made again; undefined without such a
 * request.
 */
const problemsOf = async (lifecycle: Lifecycle, faults: Faults): Promise<string[] | undefined> => {
  const world = await openWorld(plan);
  if (lifecycle.rotates) world.provider.token = next;
  const act = (ports: Ports, call: Call) => lifecycle.call(world, ports, call);
  if ((await run(world, "first", act, faults)) === "done") return undefined;
  world.isCalm = true;
  await world.scheduler.run(world.scheduler.sleep(120_000, { name: "nobody", isAlive: true }));
  const problems: string[] = [];
  await run(world, "recover", async (ports, call) => {
    const { failures } = await recoverAttempts(ports, { until: call.answerUntil });
    problems.push(...failures.map(String));
  });
  problems.push(...wrongSecrets(world).filter((problem) => problem.endsWith("is left")));
  await run(world, "again", act);
  return [...problems, ...lifecycle.wrong(world), ...wrongSecrets(world), ...checkEvents(world)];
};

const ports = ["store", "network"] as const;
const moments = ["death-before", "death-after"] as const;

test.each(Object.entries(lifecycles))(
  "%s keeps every promise, whichever of its requests its process ends at",
  async (_, lifecycle) => {
    let deaths = 0;
    for (const port of ports)
      for (const kind of moments)
        for (let nth = 0; ; nth += 1) {
          const problems = await problemsOf(lifecycle, { [port]: [{ nth, kind }] });
          if (!problems) break;
          deaths += 1;
          expect(problems, `${kind} at ${port} request ${nth}`).toEqual([]);
        }
    expect(deaths).toBeGreaterThan(5);
  },
);
