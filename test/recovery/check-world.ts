import { isDeepStrictEqual } from "node:util";
import type { TestProvider } from "../providers/provider.ts";
import { effectsOfRequests, type Names, unexplained, userOf } from "./explain.ts";
import { eventsOf, leftOpen, providerState, statesOf, untilQuiet } from "./inspect.ts";
import type { Scenario, World } from "./world.ts";

/** Who finds the orphan: the run that starts, the scheduled recovery, or the call that is repeated. */
export type Finder = "start" | "sweep" | "call";

/** Notes the provider's ids by the names that they have when they are first seen. */
export const learnNames = async (names: Names, provider: TestProvider): Promise<void> => {
  const seen = [
    ...(await provider.users()).map(({ id, userName }) => [id, userOf(userName)] as const),
    ...(await provider.groups()).map(({ id, displayName }) => [id, displayName] as const),
  ];
  for (const [id, name] of seen) if (!names.has(id)) names.set(id, name);
};

/** What is wrong after the recovery from a kill, and after the call was repeated. */
export const afterKill = async (
  world: World,
  scenario: Scenario,
  names: Names,
  finder: Finder,
): Promise<string[]> => {
  const problems: string[] = [];
  if (finder === "sweep") await world.run.recover();
  if (finder !== "call") {
    await untilQuiet(world.run);
    const found = [
      ...(await disagreements(world, names)),
      ...((await scenario.check?.(world, "recovered")) ?? []),
    ];
    problems.push(...found.map((problem) => `after recovery, ${problem}`));
  }
  const { status, body } = await scenario.call(world);
  if (status >= 300) problems.push(`the call again: ${status} ${body.code} ${body.detail}`);
  return [...problems, ...(await afterCall(world, scenario, names))];
};

/** What is wrong once the call has come through. */
export const afterCall = async (world: World, scenario: Scenario, names: Names): Promise<string[]> => {
  if (world.run.hasWorkers) await untilQuiet(world.run);
  const found = [
    ...(await disagreements(world, names)),
    ...(await differences(world, scenario, names)),
    ...((await scenario.check?.(world, "repeated")) ?? []),
  ];
  return found.map((problem) => `after the call, ${problem}`);
};

const disagreements = async ({ run, provider, integrationId }: World, names: Names): Promise<string[]> => {
  await learnNames(names, provider);
  const open = await leftOpen(run);
  if (!integrationId) return open;
  const events = await eventsOf(run, `integrationId=${integrationId}`);
  return [...open, ...unexplained(provider.requests, events, names)];
};

const settled = /is (in_sync|deprovisioned|deleted)$/;

const differences = async (world: World, scenario: Scenario, names: Names): Promise<string[]> => {
  if (!scenario.expected) return [];
  const { run, provider, integrationId } = world;
  const now = await providerState(provider);
  const creates = effectsOfRequests(provider.requests, names).filter((effect) => /^create user/.test(effect));
  return [
    ...(isDeepStrictEqual(now, scenario.expected(world))
      ? []
      : [`the provider holds ${JSON.stringify(now)}`]),
    ...creates.filter((effect, at) => creates.indexOf(effect) !== at).map((effect) => `twice: ${effect}`),
    ...(await statesOf(run, integrationId)).filter((state) => !settled.test(state)),
  ];
};
