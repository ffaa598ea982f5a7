import type { Clock } from "../../common/clock.ts";
import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import type { SendingLimits } from "../../provisioning/ports/service-provider.ts";

/** What went wrong with one attempt, as far as repeating it goes. */
export type FailureKey =
  | "stale-socket"
  | "unconnected"
  | "timeout"
  | "reset"
  | "unreadable"
  | "408"
  | "425"
  | "429"
  | "501"
  | "5xx"
  | "final";

type Rule = {
  /**
   * How often GET, PUT, PATCH and DELETE are repeated. Our PATCHes leave the same state when applied twice (RFC 7644
   * §3.5.2).
   */
  idempotent: number;
  /** How often a POST is repeated: only where the provider says that it has not looked at it. */
  post: number;
  wait: "none" | "back-off";
  /** Whether the provider may have applied the request although it failed. */
  maybeApplied: boolean;
};

/** All rules on repeating a request. Statuses that are not here are final. */
export const retryRules: Readonly<Record<FailureKey, Rule>> = {
  // A frozen Lambda leaves connections that the provider has closed long ago.
  "stale-socket": { idempotent: 1, post: 0, wait: "none", maybeApplied: true },
  unconnected: { idempotent: 3, post: 0, wait: "back-off", maybeApplied: false },
  timeout: { idempotent: 3, post: 0, wait: "back-off", maybeApplied: true },
  reset: { idempotent: 3, post: 0, wait: "back-off", maybeApplied: true },
  // A login page or a proxy's own page with a 2xx; more often than not it stays.
  unreadable: { idempotent: 1, post: 0, wait: "back-off", maybeApplied: true },
  "408": { idempotent: 3, post: 0, wait: "back-off", maybeApplied: true },
  "425": { idempotent: 3, post: 0, wait: "back-off", maybeApplied: false },
  "429": { idempotent: 3, post: 3, wait: "back-off", maybeApplied: false },
  "501": { idempotent: 0, post: 0, wait: "none", maybeApplied: false },
  // 500 included: some servers turn their own 429 into a 500, others apply the change and fail afterwards.
  "5xx": { idempotent: 3, post: 0, wait: "back-off", maybeApplied: true },
  final: { idempotent: 0, post: 0, wait: "none", maybeApplied: false },
};

export const failureKeyOfStatus = (status: number): FailureKey => {
  if (status === 408 || status === 425 || status === 429 || status === 501) return `${status}`;
  return status >= 500 ? "5xx" : "final";
};

/** An attempt that failed: `on` says whether it may be repeated, `failure` what the caller is told. */
export type FailedAttempt = { ok: false; on: FailureKey; failure: ProviderFailure };
export type Attempt<T> = { ok: true; value: T } | FailedAttempt;

const maxAttempts = 5;
const firstBackOffMs = 250;
const longestBackOffMs = 4_000;

/**
 * Full jitter; on top of a Retry-After only the first step of it, so that callers told the same do not come back
 * together.
 */
const waitOf = ({ on, failure }: FailedAttempt, sent: number, random: number): number => {
  if (retryRules[on].wait === "none") return 0;
  if (failure.retryAfterSeconds) return failure.retryAfterSeconds * 1000 + random * firstBackOffMs;
  return random * Math.min(longestBackOffMs, firstBackOffMs * 2 ** sent);
};

/**
 * Carry out `attempt` until it succeeds or the rules, or the time, say stop. No attempt begins at or after
 * `sendUntil`, and no wait is begun that would end there: the failure then tells the provider's Retry-After. `aside`
 * is a GET that is not worth repeating. `isOnce`: only what a closed connection has lost is repeated.
 */
export const withRetries = async <T>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "aside",
  attempt: () => Promise<Attempt<T>>,
  { sendUntil, isOnce }: Pick<SendingLimits, "sendUntil" | "isOnce">,
  clock: Clock,
): Promise<T> => {
  const repeated = new Map<FailureKey, number>();
  let maybeApplied = false;
  let last: FailedAttempt | undefined;
  const failed = (failure: ProviderFailure) => (maybeApplied ? failure.copyWith({ maybeApplied }) : failure);

  for (let sent = 1; ; sent++) {
    if (clock.now() >= sendUntil) throw failed(last?.failure ?? outOfTime());
    const result = await attempt();
    if (result.ok) return result.value;

    last = result;
    const rule = retryRules[last.on];
    maybeApplied ||= rule.maybeApplied && method !== "GET" && method !== "aside";
    const count = repeated.get(last.on) ?? 0;
    const wait = waitOf(last, sent, clock.random());
    const isEnough = isOnce === true && rule.wait !== "none";
    const exhausted = isEnough || count >= allowedRepeats(rule, method) || sent === maxAttempts;
    if (exhausted || clock.now() + wait >= sendUntil) throw failed(last.failure);
    repeated.set(last.on, count + 1);
    if (wait > 0) await clock.sleep(wait);
  }
};

const allowedRepeats = (rule: Rule, method: string): number =>
  method === "aside" ? 0 : method === "POST" ? rule.post : rule.idempotent;

const outOfTime = () => new ProviderFailure("out-of-time", "The time of the call was over; nothing was sent");

/** `later` as what came of a request whose `earlier` try, where it failed, may have been applied. */
export const keepMaybeApplied = (earlier: unknown, later: unknown): unknown =>
  earlier instanceof ProviderFailure && earlier.maybeApplied && later instanceof ProviderFailure
    ? later.copyWith({ maybeApplied: true })
    : later;
