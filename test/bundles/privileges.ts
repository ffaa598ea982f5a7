import { describe, expect, test } from "vitest";
import { functions } from "../../functions/index.ts";
import {
  connectionState,
  jobEnd,
  jobReads,
  jobStart,
  lifecycleState,
  provisioningState,
  savedGroupState,
  savedUserState,
} from "../../functions/state-access.ts";
import type { Access } from "../../shared/http/endpoint.ts";
import { placesOf } from "../support/secret-search.ts";
import { exceptions } from "./exceptions.ts";
import { unitsOf, unitsUsed } from "./iam/unused.ts";
import { nameOf } from "./stack/lambda-names.ts";
import type { World } from "./world.ts";

const compact = (name: string): string => name.replaceAll("-", "");
const namesWith = (isSo: (access: Access) => boolean): string[] =>
  functions.filter(({ endpoint }) => isSo(endpoint.access)).map(({ endpoint }) => compact(endpoint.name));

/** Lambdas that share a part of their grants: what one of them needs of it, all of them may. */
const shared: Record<string, string[]> = Object.fromEntries(
  Object.entries({
    provisioningState,
    savedGroupState,
    savedUserState,
    connectionState,
    lifecycleState,
    jobReads,
    jobStart,
    jobEnd,
  }).map(([name, state]) => [name, namesWith((access) => access.state === state)]),
);
// The worker has what the provisioning Lambdas have, and what jobs need.
shared.provisioningState?.push("drainintegration");
/** What rehearsals read is the same in all that make one. */
const rehearsing = [...namesWith(({ rehearses }) => rehearses === true), "drainintegration"];
/** What comes with an Idempotency-Key is the same in all that take one. */
const keyed = namesWith(({ idempotencyKey }) => idempotencyKey === true);

const isOfItems = (unit: string): boolean => /^dynamodb:\w+ table\/\S+ \w+$|\/index\//.test(unit);
const excepted = exceptions.flatMap(({ of, grant }) =>
  of.flatMap((name) => shared[name] ?? [name]).map((name) => `${name} ${grant}`),
);

/** What the stories asked of IAM beside what the stack grants. */
export const checkPrivileges = (world: World) =>
  describe("of what the roles grant", () => {
    const named = () => {
      const { stack, authority } = world.cloud;
      return stack.lambdas.map(({ arn, roleArn }) => ({
        name: nameOf(stack, arn),
        granted: unitsOf(stack.roles.get(roleArn) ?? []),
        used: unitsUsed(authority.used.get(roleArn) ?? []),
      }));
    };
    /** A line of `exceptions`, in which a table has the name that the template gives it. */
    const lineOf = (name: string, unit: string): string =>
      `${name} ${unit.replace(/usher-(\w+?)[0-9A-F]{8}-[0-9A-F]{12}/, "$1")}`;

    test("nothing more was needed", () => {
      const { stack, authority } = world.cloud;
      const denied = authority.denials
        .filter(({ principal }) => stack.roles.has(principal))
        .map(({ principal, ask }) => `${nameOf(stack, principal)}: ${JSON.stringify(ask)}`);
      expect(denied).toEqual([]);
    });

    test("everything was needed, but for what is named with a reason", () => {
      const all = named();
      const usedBy = (names: readonly string[]) =>
        new Set(all.filter(({ name }) => names.includes(name)).flatMap(({ used }) => [...used]));
      const unused = all.flatMap(({ name, granted, used }) => {
        const others = usedBy(Object.values(shared).find((names) => names.includes(name)) ?? []);
        const rehearsed = usedBy(rehearsing.includes(name) ? rehearsing : []);
        const withKeys = usedBy(keyed.includes(name) ? keyed : []);
        return [...granted]
          .filter((unit) => !used.has(unit))
          .filter((unit) => !(isOfItems(unit) && (others.has(unit) || rehearsed.has(unit))))
          .filter((unit) => !(unit.endsWith(" idempotency") && withKeys.has(unit)))
          .map((unit) => lineOf(name, unit));
      });
      expect(unused.filter((line) => !excepted.includes(line))).toEqual([]);
    });

    test("what is named is granted", () => {
      const lines = named().flatMap(({ name, granted }) => [...granted].map((unit) => lineOf(name, unit)));
      expect(excepted.filter((line) => !lines.includes(line))).toEqual([]);
    });

    test("the cloud knew all that was asked of it, and no message was given up", () => {
      expect(world.cloud.faults).toEqual([]);
      const [dead] = world.cloud.queues.filter(({ arn }) => arn.includes("DeadLetters"));
      expect(dead?.messages).toEqual([]);
    });

    test("no line, no message and no event holds the provider's token", async () => {
      const { output, published, stores, stack } = world.cloud;
      const events = await stores.engine.call("Scan", { TableName: stack.outputs.EventsTableName }, "wire");
      const texts = new Map([
        ["lines", output.join("")],
        ["messages", JSON.stringify(published)],
        ["events", JSON.stringify(events)],
      ]);
      expect(output.length).toBeGreaterThan(100);
      expect(placesOf(world.provider.token, texts)).toEqual([]);
    });
  });
