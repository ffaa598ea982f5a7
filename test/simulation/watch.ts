import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
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
  /** Counts up with each integration that becomes active again. */
  starts: number;
  isStopped: boolean;
};

export const createWatch = (): Watch => ({
  attempts: new Set(),
  problems: [],
  stops: 0,
  starts: 0,
  isStopped: false,
});

/** A call that is made. The requests of a reauth may go out while the integration is stopped. */
export type Caller = { what: string; isReauth: boolean };

/** Whose requests begin. */
export const callers = new AsyncLocalStorage<Caller>();

/** Notes each request to this host that begins once `needs_reauth` is recorded. Answers with the way to end it. */
export const watchRequests = (host: string, watch: Watch): (() => void) => {
  const channel = "http.client.request.created";
  const note = (message: unknown): void => {
    const { request } = message as { request: ClientRequest };
    const caller = callers.getStore();
    if (request.getHeader("host") !== host || !watch.isStopped || caller?.isReauth) return;
    watch.problems.push(`${caller?.what}: ${request.method} ${request.path} after needs_reauth was recorded`);
  };
  subscribe(channel, note);
  return () => void unsubscribe(channel, note);
};

/** The ports of one call, watched. */
export const watchPorts = (ports: Ports, watch: Watch, caller: Caller): Ports => {
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
        const { starts } = watch;
        const row = await ports.integrations.read(integrationId);
        // A reauth may have ended it while the row was read.
        if (row?.integration?.status !== "needs_reauth" || watch.isStopped || watch.starts > starts) return;
        watch.isStopped = true;
        watch.stops += 1;
      },
      settle: async (integrationId, attemptId, integration) => {
        if (integration?.status === "active") {
          watch.isStopped = false;
          watch.starts += 1;
        }
        return ports.integrations.settle(integrationId, attemptId, integration);
      },
    },
    userLinks: watchLinks(ports.userLinks, watch),
    groupLinks: watchLinks(ports.groupLinks, watch),
    openProvider: (target, limits) => watchProvider(ports.openProvider(target, limits), watch, caller),
  };
};

const watchLinks = <A, O>(store: LinkStore<A, O>, watch: Watch): LinkStore<A, O> => ({
  ...store,
  begin: async (key, rev, attempt, assignment) => {
    const began = await store.begin(key, rev, attempt, assignment);
    if (began) watch.attempts.add(attempt.intent.attemptId);
    return began;
  },
});

/** An attempt that meets a 401 sends nothing more. */
const watchProvider = (provider: ServiceProvider, watch: Watch, caller: Caller): ServiceProvider => {
  let isRefused = false;
  const entries = Object.entries(provider).map(([name, method]) => {
    if (name === "lastAnswer" || name === "requestCount") return [name, method];
    const watched = async (...call: unknown[]) => {
      const mustNot = isRefused;
      const sent = provider.requestCount();
      try {
        return await (method as (...call: unknown[]) => Promise<unknown>)(...call);
      } catch (error) {
        const isRefusal = error instanceof ProviderFailure && error.kind === "unauthorized";
        isRefused ||= isRefusal && !caller.isReauth;
        throw error;
      } finally {
        if (mustNot && provider.requestCount() > sent)
          watch.problems.push(`${caller.what}: ${name} after a 401 of the same attempt`);
      }
    };
    return [name, watched];
  });
  return Object.fromEntries(entries) as ServiceProvider;
};
