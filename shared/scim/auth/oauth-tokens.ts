import { createHash } from "node:crypto";
import type { OAuthCredentials } from "./credentials.ts";

export type AccessToken = {
  token: string;
  /** Seconds, where the endpoint told. */
  expiresIn: number | undefined;
};

/** Access tokens of one process, in memory alone. */
export type TokenCache = {
  /** The token that is kept, or the one that `fetch` brings. Callers that come meanwhile wait for the first. */
  get(key: string, fetch: () => Promise<AccessToken>): Promise<string>;
  /** Forget a token that was refused, if it is still the one that is kept. */
  drop(key: string, token: string): void;
};

const maxEntries = 100;
/** Where the endpoint does not tell (RFC 6749 §5.1); a 401 renews the token in any case. */
const untoldSeconds = 300;
const longestSeconds = 86_400;

/** A token is given up a tenth of its life before its end, at most a minute: a call begun with it shall end with it. */
const lifeMs = (expiresIn = untoldSeconds): number => {
  const seconds = Math.min(expiresIn, longestSeconds);
  return (seconds - Math.min(60, seconds / 10)) * 1000;
};

export const createTokenCache = (now: () => number): TokenCache => {
  const kept = new Map<string, { token: string; until: number }>();
  const under = new Map<string, Promise<string>>();

  const fetchAndKeep = async (key: string, fetch: () => Promise<AccessToken>): Promise<string> => {
    const { token, expiresIn } = await fetch();
    kept.delete(key);
    for (const oldest of kept.keys()) {
      if (kept.size < maxEntries) break;
      kept.delete(oldest);
    }
    kept.set(key, { token, until: now() + lifeMs(expiresIn) });
    return token;
  };

  return {
    async get(key, fetch) {
      const entry = kept.get(key);
      if (entry && entry.until > now()) return entry.token;
      const first = under.get(key);
      if (first) {
        // Another caller's failure may come of its own time being over: then we ask ourselves.
        const token = await first.catch(() => undefined);
        if (token !== undefined) return token;
      }
      const own = fetchAndKeep(key, fetch);
      under.set(key, own);
      try {
        return await own;
      } finally {
        if (under.get(key) === own) under.delete(key);
      }
    },
    drop(key, token) {
      if (kept.get(key)?.token === token) kept.delete(key);
    },
  };
};

/**
 * What a token is kept under: a hash of all that it was given for. The origin is part of it, so that a token goes to
 * no other than the one it was asked for.
 */
export const tokenKey = (
  { tokenUrl, clientId, clientSecret, scope }: OAuthCredentials,
  origin: string,
): string =>
  createHash("sha256")
    .update(JSON.stringify([origin, tokenUrl, clientId, clientSecret, scope ?? null]))
    .digest("hex");
