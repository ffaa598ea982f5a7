import type { Clock } from "../../common/clock.ts";
import { ProviderFailure, type ProviderFailureKind } from "../../provisioning/ports/service-provider.ts";

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
  /** How often GET, PUT, PATCH and DELETE are repeated. Our PATCHes leave the same state when applied twice (RFC 7644 §3.5.2). */
  idempotent: number;
  /** How often a POST is repeated: only where the provider says that it has not looked at it. */
  post: number;
  wait: "none" | "back-off";
  /** Whether the provider may have applied the request all the same. */
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

/** A failed attempt, told in full. */
export type RequestFailure = {
  on: FailureKey;
  kind: ProviderFailureKind;
  message: string;
  status?: number;
  scimType?: string;
  details?: string[];
  retryAfterSeconds?: number;
  isOfTokenEndpoint?: true;
};
export type Attempt<T> = { ok: true; value: T } | { ok: false; trouble: RequestFailure };

const maxAttempts = 5;
const firstBackOffMs = 250;
const longestBackOffMs = 4_000;

/** Full jitter; on top of a Retry-After only the first step of it, so that callers told the same do not come back together. */
const waitOf = (trouble: RequestFailure, sent: number, random: number): number => {
  if (retryRules[trouble.on].wait === "none") return 0;
  if (trouble.retryAfterSeconds) return trouble.retryAfterSeconds * 1000 + random * firstBackOffMs;
  return random * Math.min(longestBackOffMs, firstBackOffMs * 2 ** sent);
};

/**
 * Carry out `attempt` until it succeeds or the rules, or the time, say stop. No attempt begins at or after
 * `sendUntil`, and no wait is begun that would end there: the failure then tells the provider's Retry-After. `aside`
 * is a GET that is not worth repeating.
 */
export const withRetries = async <T>(
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "aside",
  attempt: () => Promise<Attempt<T>>,
  sendUntil: number,
  clock: Clock,
): Promise<T> => {
  const repeated = new Map<FailureKey, number>();
  let maybeApplied = false;
  let last: RequestFailure | undefined;

  for (let sent = 1; ; sent++) {
    if (clock.now() >= sendUntil) throw failureOf(last ?? outOfTime, maybeApplied);
    const result = await attempt();
    if (result.ok) return result.value;

    last = result.trouble;
    const rule = retryRules[last.on];
    maybeApplied ||= rule.maybeApplied && method !== "GET" && method !== "aside";
    const count = repeated.get(last.on) ?? 0;
    const wait = waitOf(last, sent, clock.random());
    const exhausted = count >= allowedRepeats(rule, method) || sent === maxAttempts;
    if (exhausted || clock.now() + wait >= sendUntil) throw failureOf(last, maybeApplied);
    repeated.set(last.on, count + 1);
    if (wait > 0) await clock.sleep(wait);
  }
};

const allowedRepeats = (rule: Rule, method: string): number =>
  method === "aside" ? 0 : method === "POST" ? rule.post : rule.idempotent;

const outOfTime: RequestFailure = {
  on: "final",
  kind: "out-of-time",
  message: "The time of the call was over; nothing was sent",
};

const failureOf = (
  { on: _, kind, message, ...extras }: RequestFailure,
  maybeApplied: boolean,
): ProviderFailure => new ProviderFailure(kind, message, { ...extras, maybeApplied });

/** An earlier try of the same request may have been applied, whatever the last one met. */
export const asMaybeApplied = (error: unknown): unknown => {
  if (!(error instanceof ProviderFailure)) return error;
  const { kind, message, status, details, scimType, retryAfterSeconds, isOfTokenEndpoint } = error;
  const told = { status, scimType, retryAfterSeconds };
  const known = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
  const failure = new ProviderFailure(kind, message, {
    ...known,
    details,
    isOfTokenEndpoint,
    maybeApplied: true,
  });
  failure.answer = error.answer;
  return failure;
};
