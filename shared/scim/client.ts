import { setTimeout as realSleep } from "node:timers/promises";
import type { Clock } from "../common/clock.ts";
import type { OpenServiceProvider } from "../provisioning/ports/service-provider.ts";
import { createTokenCache } from "./auth/oauth-tokens.ts";
import { createUpdateMethods } from "./changes/update-method.ts";
import { openConnection } from "./connection.ts";
import { type Exchanged, observedExchange } from "./exchange/observed-exchange.ts";
import { groupCalls } from "./groups.ts";
import { readCapabilities } from "./profiles/discovery.ts";
import { profileOf } from "./profiles/effective-profile.ts";
import { createRateBudgets } from "./rate/rate-budget.ts";
import type { RateSchedule } from "./rate/rate-port.ts";
import { userCalls } from "./users.ts";
import type { Resolve } from "./wire/outbound-guard.ts";
import { createExchange, type Exchange } from "./wire/transport.ts";

export type ScimClientOptions = Partial<Clock> & {
  /** Lets loopback be called, over http as well: for the embedded run and tests, set by code alone. */
  allowLoopback?: boolean;
  /** 5 MiB where not given. */
  maxResponseBytes?: number;
  /** Longest time of one request, 10 s where not given; `answerUntil` may cut it shorter. */
  requestTimeoutMs?: number;
  /** Name resolution other than the system's. */
  resolve?: Resolve;
  /** The schedules of all integrations; without them no pace is kept. */
  schedule?: RateSchedule;
  /** Carries out each request in place of the transport, and guards, bounds and times it as that one does. */
  exchange?: Exchange;
  /** Told of each request once it is over, repeats and those for a token included. It never throws. */
  onRequest?: (exchanged: Exchanged) => void;
};

/** A SCIM 2.0 client (RFC 7643, RFC 7644) for any number of service providers and attempts. */
export const createScimClient = (options: ScimClientOptions = {}): OpenServiceProvider => {
  const clock: Clock = {
    now: options.now ?? Date.now,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? ((ms) => realSleep(ms)),
  };
  const exchange = options.exchange ?? createExchange(options);
  const tokens = createTokenCache(clock.now);
  const refused = new Set<string>();
  const { onRequest } = options;
  const observed = (correlationId: string | undefined): Exchange =>
    onRequest ? observedExchange(exchange, { now: clock.now, observe: onRequest, correlationId }) : exchange;
  const budgets = options.schedule && createRateBudgets(options.schedule, clock);
  const methodOf = createUpdateMethods();

  return (target, limits) => {
    const profile = profileOf(target);
    const { call, lastAnswer, requestCount, unansweredAt } = openConnection(target, limits, {
      allowLoopback: options.allowLoopback,
      requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
      exchange: observed(limits.actor?.correlation.id),
      profile,
      tokens,
      refused,
      clock,
      budget:
        target.budgetOf === undefined
          ? undefined
          : budgets?.(target.budgetOf, profile.rateLimit, target.pausedUntil),
    });
    const context = { call, profile };
    return {
      ...userCalls(context, methodOf(target.baseUrl, "users", profile)),
      ...groupCalls(context, {
        attributes: methodOf(target.baseUrl, "group attributes", profile),
        members: methodOf(target.baseUrl, "group members", profile),
      }),
      capabilities: () => readCapabilities(context),
      lastAnswer,
      requestCount,
      unansweredAt,
    };
  };
};
