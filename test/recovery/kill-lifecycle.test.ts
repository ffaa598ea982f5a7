import { expect, test } from "vitest";
import type { DirectoryInsightsEvent } from "../../shared/model/event.ts";
import { eventsOf, listAll } from "./inspect.ts";
import { killEverywhere } from "./kill-harness.ts";
import { activate, activation, type Scenario, type World } from "./world.ts";

const differ = (what: string, actual: unknown, wanted: unknown): string[] => {
  const [is, shall] = [JSON.stringify(actual), JSON.stringify(wanted)];
  return is === shall ? [] : [`${what}: ${is} instead of ${shall}`];
};

/** The events of the call under test; an activation's are known by the base URL, as it makes its id itself. */
const eventsOfCall = async (world: World, type: string): Promise<DirectoryInsightsEvent[]> =>
  (await eventsOf(world.run, `eventType=${type}`)).filter(({ idm_client_id: id, changes }) =>
    world.integrationId
      ? id === world.integrationId
      : changes.some(({ to }) => to === world.provider.baseUrl),
  );

/** The status of a call that uses the integration and its secret. */
const use = async (world: World, integrationId: unknown): Promise<number> => {
  const user = { email: `${world.id("ada")}@example.com`, firstname: "Ada", lastname: "Lovelace" };
  return (await world.send("PUT", `/integrations/${integrationId}/users/${world.id("ada")}`, user)).status;
};

const activating = (fields = (): object => ({})): Scenario => ({
  async call(world) {
    const answer = await world.send("POST", "/integrations", activation(world.provider, fields()));
    // Recovery may have finished the one before.
    return answer.body.code === "target-in-use" ? { ...answer, status: 201 } : answer;
  },
  async check(world, when) {
    const events = await eventsOfCall(world, "idm_integration_activate");
    const all = await listAll(world.run, "/integrations?limit=500");
    const made = all.filter(({ baseUrl }) => baseUrl === world.provider.baseUrl);
    const succeeded = events.filter(({ success }) => success).map((event) => event.idm_client_id);
    const told = JSON.stringify(events);
    const left = [
      ...(await world.provider.users()).map(({ userName }) => userName),
      ...(await world.provider.groups()).map(({ displayName }) => displayName),
    ];
    const problems = [
      ...differ("integrations", made.map(({ integrationId }) => integrationId).sort(), succeeded.sort()),
      ...(when === "recovered" ? differ("events", events.length, 1) : []),
      ...left
        .filter((name) => !told.includes(name))
        .map((name) => `left at the provider and not told: ${name}`),
    ];
    if (when === "recovered") return problems;
    for (const { integrationId, capabilities } of made) {
      problems.push(...differ("use", await use(world, integrationId), 200));
      problems.push(...differ("capabilities", capabilities, made.at(-1)?.capabilities));
    }
    return problems;
  },
});

const newToken = "the-next-token";
const credentials = { type: "bearer", clientSecret: newToken };

/** The new token is the only one that the provider still takes. */
const exchanging = (type: string, call: Scenario["call"]): Scenario => ({
  async prepare(world) {
    await activate(world);
    world.provider.setToken(newToken);
  },
  call,
  async check(world, when) {
    const events = await eventsOfCall(world, type);
    const isUsable = when === "repeated" || events.some(({ success }) => success);
    return [
      ...(when === "recovered" ? differ("events", events.length, 1) : []),
      ...(isUsable ? differ("use", await use(world, world.integrationId), 200) : []),
    ];
  },
});

const deleting: Scenario = {
  prepare: activate,
  async call(world) {
    const answer = await world.send("DELETE", world.at(""));
    // Recovery may have finished it.
    return answer.body.code === "integration-not-active" ? { ...answer, status: 204 } : answer;
  },
  async check(world, when) {
    const events = await eventsOfCall(world, "idm_integration_delete");
    const isDeleted = when === "repeated" || events.some(({ success }) => success);
    const { body } = await world.send("GET", world.at(""));
    return [
      ...(when === "recovered" ? differ("events", events.length, 1) : []),
      ...differ("status", body.status, isDeleted ? "deleted" : "active"),
      ...(isDeleted ? differ("use", await use(world, world.integrationId), 409) : []),
    ];
  },
};

const update = exchanging("idm_integration_update", (world) =>
  world.send("PATCH", world.at(""), { credentials, application: { displayLabel: "next" } }),
);
const reauth = exchanging("idm_integration_reauth", (world) =>
  world.send("POST", world.at("/reauth"), { credentials }),
);
let tests = 0;
// What a killed test left has to be removed by hand, so the call again gives another address.
const writeTest = () => {
  tests += 1;
  return { test: { mode: "write", userEmail: `usher-test-${tests}@example.com` } };
};

test.each([
  ["activate", activating()],
  ["activate with a test that writes", activating(writeTest)],
  ["update with new credentials", update],
  ["reauth", reauth],
  ["delete", deleting],
])(
  "%s: what the kill cut off is finished or undone at the next start and told once; row and secret agree",
  async (_, scenario) => {
    const { afterSteps, problems } = await killEverywhere(scenario);
    expect(problems).toEqual([]);
    expect(afterSteps).toBeGreaterThanOrEqual(4);
  },
  120_000,
);

test.each([
  ["reauth", reauth],
  ["delete", deleting],
])(
  "%s: on AWS, the call again settles what the kill cut off",
  async (_, scenario) => {
    const { afterSteps, problems } = await killEverywhere(scenario, "call");
    expect(problems).toEqual([]);
    expect(afterSteps).toBeGreaterThanOrEqual(4);
  },
  120_000,
);
