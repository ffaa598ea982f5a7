import { changeDirectoryGroup } from "../../../shared/directory/change-directory-group.ts";
import { changeSavedMembers } from "../../../shared/directory/save-group.ts";
import { patchUser, saveUser } from "../../../shared/directory/save-user.ts";
import { activateIntegration } from "../../../shared/integrations/activate-integration.ts";
import type { Request } from "../../../shared/memory/request.ts";
import type { DirectoryUser } from "../../../shared/model/directory.ts";
import type { Overrides } from "../../../shared/model/overrides.ts";
import { provisionGroup } from "../../../shared/provisioning/calls/provision-group.ts";
import { provisionUser } from "../../../shared/provisioning/calls/provision-user.ts";
import type { Call, Ports } from "../../../shared/provisioning/ports/ports.ts";
import { createScimClient } from "../../../shared/scim/client.ts";
import { profileOf } from "../../../shared/scim/profiles/effective-profile.ts";
import { emptyMemory, openStores } from "../../memory/memory.ts";
import { memoryRateSchedule } from "../../memory/rate-schedule.ts";
import type { ProviderRequest } from "../../providers/front.ts";
import { createQuirky } from "../../providers/quirky/quirky.ts";
import type { Switches } from "../../providers/quirky/switches.ts";
import { createChance, seededUuid } from "../../simulation/chance.ts";
import { toHttpAnswer, toProviderRequest } from "../../simulation/network.ts";
import { createScheduler } from "../../simulation/scheduler.ts";
import { live } from "./mortal-workers.ts";

/** These tests are about other things than mass removals. */
const unguarded = { users: 10_000, percent: 100, most: 10_000 };
const basePath = "/scim/v2";
const storeMs = 2;
const providerMs = 40;

/** A request to a provider, as it came. */
export type Sent = { host: string; method: string; path: string; search: string; body: string; at: number };

/** What a test may do before a request of a store is carried out. */
type Before = (what: string) => void | Promise<void>;

/**
 * The service over stores in memory, with a provider for each of these names, in virtual time: each request takes its time,
 * and whatever waits for nothing else passes at once.
 */
export const openService = async (
  names: string[],
  {
    lagMs = 0,
    switches = {},
    overrides = {},
  }: { lagMs?: number; switches?: Switches; overrides?: Overrides } = {},
) => {
  const scheduler = createScheduler(Date.UTC(2026, 0, 5), 20_000_000);
  const { now } = scheduler;
  const memory = emptyMemory();
  const chance = createChance(7);
  const everything = { name: "everything", isAlive: true };
  const sleep = (ms: number) => scheduler.sleep(ms, everything);
  const token = "the-token-of-all";
  const pause = () => sleep(1);
  const providers = new Map(
    names.map((name) => [name, createQuirky(switches, { now, pause, token: () => token })]),
  );
  const sent: Sent[] = [];
  const woken: string[] = [];
  const state = {
    before: undefined as Before | undefined,
    /** Told of each request of a store that was carried out. */
    after: undefined as ((what: string) => void) | undefined,
    wake: undefined as ((integrationId: string) => void) | undefined,
    /** Providers that are away. */
    down: new Set<string>(),
    /** What a provider answers in place of its own. */
    refuses: undefined as ((request: ProviderRequest) => number | undefined) | undefined,
    /** What becomes of the body of an answer on its way. */
    lies: undefined as ((request: ProviderRequest, body: string) => string) | undefined,
    lagMs,
  };

  const request: Request = async (what, apply) => {
    await live();
    await sleep(storeMs);
    await state.before?.(what);
    const result = apply();
    state.after?.(what);
    await live();
    return result;
  };
  const openClient = () =>
    createScimClient({
      now,
      sleep,
      random: chance.next,
      schedule: memoryRateSchedule({ items: memory.rates, integrations: memory.integrations }, request),
      async exchange(outgoing) {
        const host = outgoing.url.host.split(".")[0] ?? "";
        const inner = toProviderRequest(outgoing, basePath);
        await live();
        await sleep(providerMs);
        const { method, path, body } = inner;
        sent.push({ host, method, path, search: outgoing.url.search, body, at: now() });
        const refused = state.down.has(host) ? 503 : state.refuses?.(inner);
        const answer = refused
          ? { status: refused, headers: {}, body: "{}" }
          : await providers.get(host)?.handle(inner);
        const shown = answer && state.lies ? { ...answer, body: state.lies(inner, answer.body) } : answer;
        return toHttpAnswer(shown ?? { status: 404, headers: {}, body: "" });
      },
    });
  const ports: Ports = {
    ...openStores(memory, request, now, { lagMs: () => state.lagMs }),
    openProvider: openClient(),
    profileOf,
    clock: { now, sleep },
    newId: (nowMs) => seededUuid(chance, nowMs),
    random: chance.next,
    wakeUps: {
      async wake(integrationId) {
        woken.push(integrationId);
        state.wake?.(integrationId);
      },
    },
    organization: "test",
    eventRetentionDays: 400,
  };
  let calls = 0;
  const aCall = (): Call => {
    calls += 1;
    return {
      actor: {
        initiatedBy: { type: "admin", id: "admin-1" },
        authMethod: "token",
        clientIp: "127.0.0.1",
        userAgent: "test",
        correlation: { id: `call-${calls}`, type: "request" },
      },
      sendUntil: now() + 25_000,
      answerUntil: now() + 26_500,
    };
  };
  const run = <T>(work: () => Promise<T>): Promise<T> => scheduler.run(work());
  const ids = new Map<string, string>();
  for (const name of names) {
    const input = {
      application: { name },
      profile: "generic" as const,
      baseUrl: `https://${name}.example.com${basePath}`,
      credentials: { type: "bearer" as const, clientSecret: token },
      groupsEnabled: true,
      attributeMappings: [],
      overrides: { rateLimit: { perSecond: 1_000, burst: 100 }, ...overrides },
      policies: {
        onUserUnassigned: "deprovision" as const,
        onUserDeleted: "delete" as const,
        guard: unguarded,
      },
      test: { mode: "read" as const },
      allowSharedTarget: true,
    };
    const { integrationId } = await run(() => activateIntegration(ports, aCall(), input));
    ids.set(name, integrationId);
  }
  const idOf = (name: string): string => ids.get(name) ?? "";

  return {
    names,
    ports,
    /** Those of another process. */
    otherPorts: (): Ports => ({ ...ports, openProvider: openClient() }),
    memory,
    sent,
    woken,
    state,
    now,
    idOf,
    run,
    /** Lets so much time go by. */
    pass: (ms: number) => run(() => sleep(ms)),
    /** Somebody changes something there by hand. */
    byHand: (name: string, method: string, path: string, body: unknown = {}) => {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/scim+json" };
      const url = `${basePath}${path}`;
      const request = {
        method,
        url,
        path,
        query: new URLSearchParams(),
        headers,
        body: JSON.stringify(body),
      };
      return run(async () => providers.get(name)?.handle(request));
    },
    provider: (name: string) => {
      const provider = providers.get(name);
      if (!provider) throw new Error(`no provider ${name}`);
      return provider;
    },
    accounts: async (name: string) => (await providers.get(name)?.users()) ?? [],
    groups: async (name: string) => (await providers.get(name)?.groups()) ?? [],
    save: (userId: string, changes: Partial<DirectoryUser> = {}) =>
      run(() => saveUser({ ports, call: aCall() }, userId, aUser(userId, changes))),
    patch: (userId: string, changes: Partial<DirectoryUser>) =>
      run(() => patchUser({ ports, call: aCall() }, userId, (user) => ({ ...user, ...changes }))),
    assign: (name: string, userId: string) =>
      run(() => provisionUser(ports, aCall(), { integrationId: idOf(name), userId })),
    bind: (name: string, groupId: string, members: string[]) =>
      run(() =>
        provisionGroup(ports, aCall(), { integrationId: idOf(name), groupId }, { name: groupId, members }),
      ),
    members: (groupId: string, change: { add?: string[]; remove?: string[] }) =>
      run(() =>
        changeDirectoryGroup(
          { ports, call: aCall() },
          groupId,
          async (base) => base && { name: base.name, add: change.add ?? [], remove: change.remove ?? [] },
        ),
      ),
    /** The directory takes the user out of the group. To be run. */
    remove: (groupId: string, userId: string) =>
      changeSavedMembers({ ports, call: aCall() }, groupId, { remove: [userId] }),
    aCall,
  };
};
export type Service = Awaited<ReturnType<typeof openService>>;

export const aUser = (userId: string, changes: Partial<DirectoryUser> = {}): DirectoryUser => ({
  email: `${userId}@example.com`,
  firstname: "Ada",
  lastname: "Lovelace",
  ...changes,
});
