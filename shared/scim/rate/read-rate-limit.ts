import { present } from "../../common/objects.ts";
import type { RateFigures } from "./rate-port.ts";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Longer waits are not believed, as with Retry-After. */
const maxMs = 3_600_000;
/** Clocks that differ by less are taken for the same. */
const sameTimeMs = 2_000;
const prefixes = ["ratelimit-", "x-ratelimit-", "x-rate-limit-"];

/**
 * What the headers of an answer say about the provider's rate limit; undefined where they do not say how much is left
 * until when. Known forms: `RateLimit` with `RateLimit-Policy` and `RateLimit-Limit/Remaining/Reset` (drafts 10 and 6
 * of draft-ietf-httpapi-ratelimit-headers), `X-RateLimit-…`, `X-Rate-Limit-…`. Where there are several limits, the one
 * that allows the slowest pace.
 *
 * @param now Unix ms; a reset that is a point in time is held against the answer's own Date instead, where that is
 * another time
 */
export const readRateLimit = (headers: Headers, now: number): RateFigures | undefined => {
  const text = (name: string): string => [headers[name] ?? ""].flat().join(", ");
  const said = text("ratelimit");
  if (said !== "") {
    const found = readStructured(said, text("ratelimit-policy"));
    if (found) return found;
  }
  const date = Date.parse(text("date"));
  // Our clock is the finer one; whole seconds are all that Date tells.
  const provided = Math.abs(date - now) > sameTimeMs ? date : now;
  const all = prefixes.map((prefix) => readTriple((part) => text(prefix + part), provided));
  const windowMs = windowOf(text("ratelimit-policy"));
  const found = slowest(all);
  return found && { ...present({ windowMs }), ...found };
};

/** Whether the headers of an answer say that nothing is left, in one of the known forms, until whenever. */
export const isNothingLeft = (headers: Headers): boolean => {
  const text = (name: string): string => [headers[name] ?? ""].flat().join(", ");
  const isZero = (said: string) => leading(said) === 0;
  return (
    prefixes.some((prefix) => isZero(text(`${prefix}remaining`))) ||
    [...text("ratelimit").matchAll(/\b(?:remaining|r)=([\d.]+)/g)].some(([, said = ""]) => isZero(said))
  );
};

/** `"burst";r=10;t=5, "daily";r=500;t=3600`, or in an older draft `limit=100, remaining=50, reset=5`. */
const readStructured = (said: string, policy: string): RateFigures | undefined => {
  if (/\bremaining=/.test(said)) {
    const part = (name: string): string => new RegExp(`\\b${name}=([\\d.]+)`).exec(said)?.[1] ?? "";
    return readTriple(part, 0);
  }
  const policies = new Map(said === "" ? [] : policy.split(",").map((item) => [nameOf(item), item]));
  return slowest(
    said.split(",").map((item) => {
      const remaining = parameter(item, "r");
      const seconds = parameter(item, "t");
      if (remaining === undefined || seconds === undefined) return undefined;
      const about = policies.get(nameOf(item)) ?? "";
      const limit = parameter(about, "q");
      const windowMs = windowOf(about);
      return {
        remaining,
        resetsInMs: bounded(seconds * 1000),
        ...present({ limit, windowMs }),
      };
    }),
  );
};

const nameOf = (item: string): string => item.split(";")[0]?.trim() ?? "";

const parameter = (item: string, name: string): number | undefined => {
  const value = new RegExp(`;\\s*${name}=(\\d+(?:\\.\\d+)?)`).exec(item)?.[1];
  return value === undefined ? undefined : Number(value);
};

const windowOf = (policy: string): number | undefined => {
  const seconds = parameter(policy, "w");
  return seconds === undefined || seconds === 0 ? undefined : seconds * 1000;
};

const readTriple = (text: (part: string) => string, now: number): RateFigures | undefined => {
  const remaining = leading(text("remaining"));
  const reset = leading(text("reset"));
  if (remaining === undefined || reset === undefined) return undefined;
  const limit = leading(text("limit"));
  // Draft 3 writes the policy behind the limit: `100, 100;w=60`.
  const windowMs = windowOf(text("limit"));
  return {
    remaining,
    resetsInMs: bounded(msUntil(reset, now)),
    ...(limit !== undefined && limit > 0 && { limit }),
    ...present({ windowMs }),
  };
};

const leading = (text: string): number | undefined => {
  const digits = /^\s*(\d{1,15}(?:\.\d{1,9})?)\s*(?:$|[,;])/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

/** Seconds from now, or a point in time in seconds or milliseconds: told apart by their size. */
const msUntil = (reset: number, now: number): number => {
  if (reset > 1e11) return reset - now;
  return reset > 1e9 ? reset * 1000 - now : reset * 1000;
};

const bounded = (ms: number): number => Math.min(Math.max(ms, 0), maxMs);

const slowest = (all: (RateFigures | undefined)[]): RateFigures | undefined => {
  const paceOf = ({ remaining, resetsInMs }: RateFigures): number => remaining / Math.max(resetsInMs, 1);
  return all
    .filter((one) => one !== undefined)
    .toSorted((a, b) => paceOf(a) - paceOf(b))
    .at(0);
};
