import type { Clock } from "../common/clock.ts";
import { present } from "../common/objects.ts";
import type { LastAnswer } from "../model/attempt.ts";
import type { Profile } from "../model/profile.ts";
import { ProviderFailure } from "../provisioning/ports/provider-failure.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import type { Target } from "../provisioning/ports/target.ts";
import { attemptRequest, type Send } from "./attempt-request.ts";
import { authorize } from "./auth/authorization.ts";
import type { TokenCache } from "./auth/oauth-tokens.ts";
import { requestToken, type TokenRequest } from "./auth/request-token.ts";
import { refusedTarget } from "./exchange/classify-failure.ts";
import { remainingBeforeRepeat } from "./exchange/remaining-before-repeat.ts";
import { keepMaybeApplied, retryRules, withRetries } from "./exchange/retry.ts";
import type { ScimCall, ScimRequest } from "./exchange/scim-request.ts";
import { createTimedExchange, type Limits } from "./exchange/timed-exchange.ts";
import type { RateBudget } from "./rate/rate-port.ts";
import { checkBaseUrl, type GuardOptions } from "./wire/outbound-guard.ts";
import type { Exchange } from "./wire/transport.ts";

type Connection = { call: ScimCall; lastAnswer(): LastAnswer; requestCount(): number } & Pick<
  ServiceProvider,
  "unansweredAt"
>;

type ConnectionOptions = GuardOptions & {
  exchange: Exchange;
  profile: Profile;
  tokens: TokenCache;
  clock: Clock;
  requestTimeoutMs: number;
  /** Versions of secrets that were refused. */
  refused: Set<string>;
  /** Asked before each request, retries included. */
  budget: RateBudget | undefined;
};

/** What is only nice to know must not eat the time of the call. */
const longestAsideMs = 3_000;

/** Everything that the calls of one attempt share: the address, the credentials, the times, and the last answer. */
export const openConnection = (target: Target, limits: Limits, options: ConnectionOptions): Connection => {
  const { clock, exchange, profile, requestTimeoutMs, budget, refused } = options;
  const { secretVersionId = "" } = target;
  const base = checkBaseUrl(target.baseUrl, options);
  const timed = createTimedExchange(limits, {
    clock,
    exchange,
    userAgent: profile.userAgent,
    budget,
    isStopped: () => refused.has(secretVersionId),
  });
  let last: LastAnswer = { details: [] };
  const unanswered = new Map<string, string>();

  const authorization = authorize(target.credentials, {
    origin: base.ok ? new URL(base.url).origin : "",
    template: profile.authorizationTemplate,
    tokens: options.tokens,
    fetchToken: (credentials, redact) =>
      requestToken(credentials, {
        post: (request: TokenRequest) => timed.send({ method: "POST", ...request }, requestTimeoutMs),
        redact,
        sendUntil: limits.sendUntil,
        clock,
        allowLoopback: options.allowLoopback,
      }),
  });

  const sendAs =
    (proof: Record<string, string>): Send =>
    (url, { method, body, aside, headers: further }) => {
      const headers = {
        ...proof,
        Accept: "application/scim+json, application/json;q=0.9",
        ...further,
        ...(body && { "Content-Type": profile.contentType }),
      };
      const longestMs = aside === true ? Math.min(requestTimeoutMs, longestAsideMs) : requestTimeoutMs;
      return timed.sendWithinBudget({ method, url, headers, body: body && JSON.stringify(body) }, longestMs);
    };

  const carryOut = <T>(
    request: ScimRequest<T>,
    tries: ReturnType<typeof remainingBeforeRepeat<T>>,
    proof: Record<string, string>,
  ): Promise<T> =>
    withRetries(
      request.aside === true ? "aside" : request.method,
      async () => {
        if (!base.ok) return refusedTarget(base.reason);
        const url = new URL(base.url + request.path);
        return tries(async (next) => {
          const attempt = await attemptRequest(url, next, sendAs(proof), {
            now: clock.now,
            ...authorization,
          });
          last = attempt.last ?? last;
          const { result } = attempt;
          if (!result.ok && retryRules[result.on].maybeApplied && request.method !== "GET")
            unanswered.set(request.method, new Date(clock.now()).toISOString());
          return result;
        });
      },
      limits,
      clock,
    );

  /** The headers that prove who asks. Where the token endpoint gives none, its refusal is what was said last. */
  const awaitProof = async (proof: Promise<Record<string, string>>): Promise<Record<string, string>> => {
    try {
      return await proof;
    } catch (error) {
      if (error instanceof ProviderFailure && error.kind !== "out-of-time")
        last = { message: error.message, details: error.details, ...present({ status: error.status }) };
      throw error;
    }
  };

  const callAs = async <T>(request: ScimRequest<T>): Promise<T> => {
    const proof = base.ok ? await awaitProof(authorization.headers()) : {};
    const tries = remainingBeforeRepeat(request);
    try {
      return await carryOut(request, tries, proof);
    } catch (error) {
      const { renewed } = authorization;
      if (!renewed || !isRefusal(error) || request.aside === true) throw error;
      // An access token may end early: only the refusal of a new one says something of the secret.
      return await carryOut(request, tries, await awaitProof(renewed(proof))).catch((second: unknown) => {
        throw keepMaybeApplied(error, second);
      });
    }
  };

  return {
    call: async (request) => {
      try {
        return await callAs(request);
      } catch (error) {
        if (error instanceof ProviderFailure) error.answer = last;
        if (secretVersionId && isRefusal(error) && request.aside !== true) refused.add(secretVersionId);
        throw error;
      }
    },
    lastAnswer: () => last,
    requestCount: timed.count,
    unansweredAt: (method) => (method ? unanswered.get(method) : [...unanswered.values()].sort().at(-1)),
  };
};

const isRefusal = (error: unknown): error is ProviderFailure =>
  error instanceof ProviderFailure && error.kind === "unauthorized";
