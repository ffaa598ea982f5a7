import { itemKey, type LinkItems } from "../../shared/memory/link-store.ts";
import { copyOf } from "../../shared/memory/request.ts";
import type { DirectoryInsightsEvent } from "../../shared/model/event.ts";
import type { AttemptHistory } from "../../shared/model/link.ts";
import type { LinkStore } from "../../shared/provisioning/ports/link-store.ts";
import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import { ProviderFailure } from "../../shared/provisioning/ports/provider-failure.ts";
import type { ServiceProvider } from "../../shared/provisioning/ports/service-provider.ts";
import { type Caller, callers } from "./caller.ts";
import { isOfDirectory } from "./check-directory.ts";
import type { Recorded } from "./check-truth.ts";
import type { Process } from "./process.ts";
import { isWorker } from "./workers.ts";
import type { World } from "./world.ts";

/** What the service does while it does it, as far as promises are made of it. */
export type Watch = {
  problems: string[];
  /** To be told of each request as it begins. */
  noteRequest(process: Process, caller: Caller | undefined, what: string): void;
  /** To be told once a 401 was recorded. */
  noteStop(process: string): void;
};

/**
 * Once `needs_reauth` is recorded, no call that begins later sends anything, nor does any in the process that recorded
 * it. What another process had begun before ends by its own 401.
 */
/** No attempt takes longer. */
const attemptMs = 29_000;

export const createWatch = (world: () => World): Watch => {
  let stop: { version: number; step: number; time: number; process: string } | undefined;
  const problems: string[] = [];
  const rowOf = ({ memory, integrationId }: World) => memory.integrations.get(integrationId)?.integration;
  return {
    problems,
    noteStop(process) {
      const row = rowOf(world());
      if (row?.status !== "needs_reauth" || stop?.version === row.version) return;
      const { scheduler } = world();
      stop = { version: row.version, step: scheduler.step(), time: scheduler.now(), process };
    },
    noteRequest(process, caller, what) {
      const row = rowOf(world());
      if (row?.status !== "needs_reauth" || !stop || !caller || caller.isReauth) return;
      // A worker has several attempts under way.
      const isOwn = process.name === stop.process;
      const isStopped = isWorker(caller.id) ? world().scheduler.now() > stop.time + attemptMs : isOwn;
      if (caller.beganAt > stop.step || isStopped)
        problems.push(`${caller.id}: ${what} after needs_reauth was recorded`);
    },
  };
};

/** The ports of one process, watched. */
export const watchPorts = (world: World, process: string, ports: Ports): Ports => ({
  ...ports,
  integrations: {
    ...ports.integrations,
    async requireReauth(integrationId, secretVersionId, at) {
      await ports.integrations.requireReauth(integrationId, secretVersionId, at);
      world.watch.noteStop(process);
    },
  },
  userLinks: withWithdrawals(world, ports.userLinks, world.memory.userLinks),
  groupLinks: withWithdrawals(world, ports.groupLinks, world.memory.groupLinks),
  events: {
    put(record) {
      if (!isOfDirectory(record.event)) world.recorded.push(recordedNow(world, record.event));
      return ports.events.put(record);
    },
  },
  openProvider: (target, limits) => watchProvider(ports.openProvider(target, limits), world.watch),
});

/** An attempt whose end counts as no attempt is one that had sent nothing. */
const withWithdrawals = <A, O extends AttemptHistory>(
  { withdrawn }: World,
  store: LinkStore<A, O>,
  items: LinkItems<A, O>,
): LinkStore<A, O> => ({
  ...store,
  settle(key, attempt, observed, then) {
    const before = items.get(itemKey(key))?.observed.attempts;
    if (before === observed.attempts) withdrawn.add(attempt.intent.attemptId);
    return store.settle(key, attempt, observed, then);
  },
});

const recordedNow = ({ memory, ledger, integrationId }: World, event: DirectoryInsightsEvent): Recorded => {
  const links = event.resource.type === "user_group" ? memory.groupLinks : memory.userLinks;
  const link = links.get(`${event.resource.id}#${integrationId}`);
  const members = [...(event.members_added ?? []), ...(event.members_removed ?? [])];
  const accountOf = (userId: string) => {
    const pushed = memory.pushedMembers.pushed.get(`${integrationId}#${event.resource.id}`)?.get(userId);
    return pushed?.member.remoteId ?? memory.userLinks.get(`${userId}#${integrationId}`)?.observed.remoteId;
  };
  return {
    event: copyOf(event),
    caller: callers.getStore()?.id,
    remoteId: link?.attempt?.remoteId ?? link?.observed.remoteId,
    accounts: new Map(members.map((userId) => [userId, accountOf(userId)])),
    ledgerLength: ledger.length,
  };
};

/** An attempt that meets a 401 sends nothing more. */
const watchProvider = (provider: ServiceProvider, watch: Watch): ServiceProvider => {
  const caller = callers.getStore();
  let isRefused = false;
  const entries = Object.entries(provider).map(([name, method]) => {
    if (["lastAnswer", "requestCount", "unansweredAt"].includes(name)) return [name, method];
    const watched = async (...call: unknown[]) => {
      const mustNot = isRefused;
      const sent = provider.requestCount();
      try {
        return await (method as (...call: unknown[]) => Promise<unknown>)(...call);
      } catch (error) {
        const isRefusal = error instanceof ProviderFailure && error.kind === "unauthorized";
        isRefused ||= isRefusal && caller?.isReauth !== true;
        throw error;
      } finally {
        if (mustNot && provider.requestCount() > sent)
          watch.problems.push(`${caller?.id}: ${name} after a 401 of the same attempt`);
      }
    };
    return [name, watched];
  });
  return Object.fromEntries(entries) as ServiceProvider;
};
