import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "./errors.ts";
import type { Json } from "./resource.ts";
import type { Switches } from "./switches.ts";

export type StoredUser = {
  id: string;
  resource: Json;
  version: number;
  /** Deleted, yet kept as inactive: found by no call. */
  buried?: boolean;
  /** In no list until a POST binds it. */
  hidden?: boolean;
  /** Made while copies lagged behind. */
  lags?: boolean;
};
export type StoredGroup = {
  id: string;
  displayName: string;
  externalId?: string;
  /** A list and not a set: some providers hold a member twice. */
  members: string[];
  version: number;
  /** What changes are made on, and how many of them yet. */
  copy?: { members: string[]; left: number };
  lags?: boolean;
};

export type Store = {
  switches: Switches;
  users: Map<string, StoredUser>;
  groups: Map<string, StoredGroup>;
  made: number;
  writes: number;
  /** With `readsBehind`: what each resource was, as text, by collection and id. */
  shown: Map<string, string[]>;
  /** Creations that were accepted, and the GETs that come before them. */
  accepted: { getsBefore: number; carryOut(): void }[];
  /** Changes that were accepted, and the requests that come before them. */
  later: { requestsBefore: number; carryOut(): unknown }[];
  now(): number;
  /** What a slow change of a group waits for. */
  pause(): Promise<void>;
  /** Writes since the start of the present window. */
  window: { since: number; count: number };
};

export const createStore = (
  switches: Switches,
  now: () => number,
  pause: () => Promise<void> = () => sleep(3),
): Store => ({
  switches,
  users: new Map(),
  groups: new Map(),
  made: 0,
  writes: 0,
  shown: new Map(),
  accepted: [],
  later: [],
  now,
  pause,
  window: { since: now(), count: 0 },
});

/** Not shown by the copy that answers. */
export const isLagging = ({ switches }: Store, { lags }: Pick<StoredUser, "lags">): boolean =>
  switches.replicationLag === true && lags === true;

const awkward = ["k&K", "a b", "x/y", "50%25", "jo@host", "ü#é?", "q=1;+", "名"];

export const newId = (store: Store, externalId: unknown, name: string): string => {
  store.made += 1;
  const { numericIds, awkwardIds, idEqualsExternalId, idFollowsName } = store.switches;
  if (idFollowsName) return name;
  if (numericIds) return String(1000 + store.made);
  if (awkwardIds) return `${awkward[store.made % awkward.length]}-${store.made}`;
  if (idEqualsExternalId && typeof externalId === "string" && !store.users.has(externalId)) return externalId;
  return `id-${store.made.toString(16).padStart(4, "0")}`;
};

/** Counts a write. @throws Refusal 429 where the window is full */
export const countWrite = (store: Store): void => {
  store.writes += 1;
  const { rateLimit, rateLimitIs500, rateLimitIs403 } = store.switches;
  if (!rateLimit) return;
  const now = store.now();
  if (now - store.window.since >= rateLimit.seconds * 1000) store.window = { since: now, count: 0 };
  store.window.count += 1;
  if (store.window.count <= rateLimit.burst) return;
  if (rateLimitIs500)
    throw new Refusal(500, "The HTTP status code 429 is not applicable to the POST-operation.");
  const wait = Math.ceil((store.window.since + rateLimit.seconds * 1000 - now) / 1000);
  const seconds = String(Math.max(1, wait));
  const headers: Record<string, string> =
    rateLimitIs403 === "X-RateLimit-Remaining"
      ? { "x-ratelimit-remaining": "0", "x-ratelimit-reset": seconds }
      : { "retry-after": seconds };
  throw new Refusal(rateLimitIs403 ? 403 : 429, "Rate limit exceeded.", undefined, headers);
};

/** @throws Refusal 412 where the version that is asked for is not the present one (RFC 7644 §3.14) */
export const checkVersion = (store: Store, held: { version: number }, ifMatch: string | undefined): void => {
  const { etag412 } = store.switches;
  if (etag412 === "sometimes" && ifMatch !== undefined && store.writes % 3 === 0) held.version += 1;
  if (ifMatch === "*") return;
  if (ifMatch !== undefined ? ifMatch !== `W/"${held.version}"` : etag412 === "always")
    throw new Refusal(412, "The resource has changed.", undefined);
};
