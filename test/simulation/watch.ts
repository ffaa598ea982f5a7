import type { LinkStore } from "../../shared/provisioning/ports/link-store.ts";
import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import { ProviderFailure, type ServiceProvider } from "../../shared/provisioning/ports/service-provider.ts";

/** What the service did with its ports, as far as promises are made of it. */
export type Watch = {
  /** Every attempt that was begun: each owes one event. */
  attempts: Set<string>;
  problems: string[];
  /** Counts up with each 401 that was recorded, and with each reauth that ended it. */
  stops: number;
  isStopped: boolean;
};

export const createWatch = (): Watch => ({ attempts: new Set(), problems: [], stops: 0, isStopped: false });

/** The ports of one call, watched. `isReauth`: its requests may go out while the integration is stopped. */
export const watchPorts = (ports: Ports, watch: Watch, what: string, isReauth: boolean): Ports => {
  const caller = { what, mayCall: isReauth || !watch.isStopped, isReauth };
  return {
    ...ports,
    integrations: {
      ...ports.integrations,
      begin: async (integrationId, version, attempt) => {
        const began = await ports.integrations.begin(integrationId, version, attempt);
        if (began) watch.attempts.add(attempt.intent.attemptId);
        return began;
      },
      requireReauth: async (integrationId, secretVersionId, at) => {
        await ports.integrations.requireReauth(integrationId, secretVersionId, at);
        const row = await ports.integrations.read(integrationId);
        if (row?.integration?.status !== "needs_reauth" || watch.isStopped) return;
        watch.isStopped = true;
        watch.stops += 1;
      },
      settle: async (integrationId, attemptId, integration) => {
        if (integration?.status === "active") watch.isStopped = false;
        return ports.integrations.settle(integrationId, attemptId, integration);
      },
    },
    userLinks: watchLinks(ports.userLinks, watch),
    groupLinks: watchLinks(ports.groupLinks, watch),
    openProvider: (target, limits) => watchProvider(ports.openProvider(target, limits), watch, caller),
  };
};

/** One call. `mayCall` ends with its own first 401, unless it is a reauth. */
type Caller = { what: string; mayCall: boolean; isReauth: boolean };

const watchLinks = <A, O>(store: LinkStore<A, O>, watch: Watch): LinkStore<A, O> => ({
  ...store,
  begin: async (key, rev, attempt, assignment) => {
    const began = await store.begin(key, rev, attempt, assignment);
    if (began) watch.attempts.add(attempt.intent.attemptId);
    return began;
  },
});

/**
 * A call that begins once `needs_reauth` is recorded sends nothing, and one that meets a 401 opens no further attempt
 * and sends nothing more in this one. Attempts that were open already may end: they learn it from their own 401.
 */
const watchProvider = (provider: ServiceProvider, watch: Watch, caller: Caller): ServiceProvider => {
  const { what } = caller;
  const mayCall = caller.mayCall;
  let isRefused = false;
  const entries = Object.entries(provider).map(([name, method]) => {
    if (name === "lastAnswer" || name === "requestCount") return [name, method];
    const watched = async (...call: unknown[]) => {
      const mustNot = isRefused
        ? "after a 401 of the same attempt"
        : mayCall
          ? undefined
          : "in an attempt that was begun after needs_reauth";
      const sent = provider.requestCount();
      try {
        const result = await (method as (...call: unknown[]) => Promise<unknown>)(...call);
        if (mustNot) watch.problems.push(`${what}: ${name} ${mustNot}`);
        return result;
      } catch (error) {
        if (mustNot && provider.requestCount() > sent) watch.problems.push(`${what}: ${name} ${mustNot}`);
        if (error instanceof ProviderFailure && error.kind === "unauthorized" && !caller.isReauth) {
          isRefused = true;
          caller.mayCall = false;
        }
        throw error;
      }
    };
    return [name, watched];
  });
  return Object.fromEntries(entries) as ServiceProvider;
};
