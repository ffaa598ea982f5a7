import { afterAll, beforeAll, test } from "vitest";
import type { TestProvider } from "../providers/provider.ts";
import { startScimmy } from "../providers/scimmy.ts";
import { type Call, ok, signedCalls } from "./calls.ts";
import { type Cloud, providerHost, startCloud } from "./cloud.ts";

/** The cloud, a service provider in its internet, and an admin who calls. */
export type World = {
  cloud: Cloud;
  provider: TestProvider;
  call: Call;
  /** Activates an integration with the provider; its id. */
  activate(more?: object): Promise<string>;
  /** Whether the provider has an active account of the user; undefined where it has none. */
  isActive(userId: string): Promise<boolean | undefined>;
};

/** Room for the start of many processes on a busy machine. */
export const longMs = 240_000;
/** Stories run in order, and each leaves to the next ones what it has made. */
export const story = (name: string, run: () => Promise<void>): void => test(name, run, longMs);

export const baseUrl = `https://${providerHost}/scim/v2`;
export const person = (userId: string, more: object = {}) => ({
  email: `${userId}@example.com`,
  firstname: "Ada",
  lastname: `Osei ${userId}`,
  ...more,
});

/** One world for all stories of a file. */
export const useWorld = (): World => {
  const world = {} as World;
  beforeAll(async () => {
    const [cloud, provider] = await Promise.all([startCloud(), startScimmy()]);
    await cloud.publish(providerHost, provider.baseUrl);
    await cloud.warm();
    const call = signedCalls(cloud.url, cloud.callerWith("AdminPolicy").keys);
    Object.assign(world, {
      cloud,
      provider,
      call,
      activate: async (more: object = {}) =>
        ok(await call("POST", "/integrations", activation(provider.token, more))).integrationId,
      isActive: async (userId: string) =>
        (await provider.users()).find(({ userName }) => userName === `${userId}@example.com`)?.active,
    } satisfies World);
  }, longMs);
  afterAll(async () => {
    await world.cloud?.close();
    await world.provider?.close();
  });
  return world;
};

/** What is removed goes at once, so that nothing has to be waited for. */
export const activation = (clientSecret: string, more: object = {}) => ({
  application: { name: "Test application" },
  baseUrl,
  credentials: { type: "bearer", clientSecret },
  allowSharedTarget: true,
  policies: { unassignedGrace: "0", onUserUnassigned: "delete", onUserDeleted: "delete" },
  ...more,
});
