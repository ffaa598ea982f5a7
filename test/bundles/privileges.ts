import { describe, expect, test } from "vitest";
import { functions } from "../../functions/index.ts";
import {
  connectionState,
  lifecycleState,
  provisioningState,
  savedGroupState,
  savedUserState,
  workerState,
} from "../../functions/state-access.ts";
import { nameOf } from "./cloud.ts";
import { exceptions } from "./exceptions.ts";
import { unitsOf, unitsUsed } from "./iam/unused.ts";
import type { World } from "./world.ts";

/** Lambdas that share one part of their grant: what one of them needs of it, all of them may. */
const shared: Record<string, string[]> = Object.fromEntries(
  Object.entries({ provisioningState, savedGroupState, savedUserState, connectionState, lifecycleState }).map(
    ([name, state]) => [
      name,
      functions
        .filter(({ endpoint }) => endpoint.access.state === state)
        .map(({ endpoint }) => endpoint.name.replaceAll("-", "")),
    ],
  ),
);
// What comes with an Idempotency-Key is the same in all of them.
const keyed = functions
  .filter(({ endpoint }) => endpoint.access.idempotencyKey === true)
  .map(({ endpoint }) => endpoint.name.replaceAll("-", ""));
// The worker has the provisioning Lambdas' and an index more.
if (workerState.update === provisioningState.update) shared.provisioningState?.push("drainintegration");

/** What the stories asked of IAM beside what the stack grants. */
export const checkPrivileges = (world: World) =>
  describe("of what the roles grant", () => {
    const lambdas = () => world.cloud.stack.lambdas;
    const usedBy = (name: string) =>
      unitsUsed(
        lambdas()
          .filter((one) => nameOf(world.cloud.stack, one.arn) === name)
          .flatMap(({ roleArn }) => world.cloud.authority.used.get(roleArn) ?? []),
      );
    const isOfItems = (unit: string) => /^dynamodb:\w+ table\/\S+ \w+$|\/index\//.test(unit);

    test("nothing more was needed", () => {
      const denied = world.cloud.authority.denials
        .filter(({ principal }) => world.cloud.stack.roles.has(principal))
        .map(({ principal, ask }) => `${nameOf(world.cloud.stack, principal)}: ${JSON.stringify(ask)}`);
      expect(denied).toEqual([]);
    });

    test("everything was needed, but for what is named with a reason", () => {
      const unused = lambdas().flatMap(({ arn, roleArn }) => {
        const name = nameOf(world.cloud.stack, arn);
        const group = Object.values(shared).find((names) => names.includes(name)) ?? [];
        const used = usedBy(name);
        const usedByGroup = new Set(group.flatMap((one) => [...usedBy(one)]));
        const usedByKeyed = new Set(keyed.includes(name) ? keyed.flatMap((one) => [...usedBy(one)]) : []);
        return [...unitsOf(world.cloud.stack.roles.get(roleArn) ?? [])]
          .filter((unit) => !used.has(unit) && !(isOfItems(unit) && usedByGroup.has(unit)))
          .filter((unit) => !(unit.endsWith(" idempotency") && usedByKeyed.has(unit)))
          .map((unit) => `${name} ${unit.replace(/usher-(\w+?)[0-9A-F]{8}-[0-9A-F]{12}/, "$1")}`);
      });
      const excepted = exceptions.flatMap(({ of, grant }) =>
        of.flatMap((name) => shared[name] ?? [name]).map((name) => `${name} ${grant}`),
      );
      expect(unused.sort()).toEqual([...new Set(excepted)].sort());
    });

    test("the cloud knew all that was asked of it, and no message was given up", () => {
      expect(world.cloud.faults).toEqual([]);
      const [dead] = world.cloud.queues.filter(({ arn }) => arn.includes("DeadLetters"));
      expect(dead?.messages).toEqual([]);
    });
  });
