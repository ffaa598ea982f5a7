/** Keeps values for `ttlMs`; where `entries` are kept already, the oldest makes room. `now` is in Unix ms. */
export const createSecretCache = <T>(now: () => number, { entries = 100, ttlMs = 5 * 60_000 } = {}) => {
  const kept = new Map<string, { value: T; until: number }>();
  return {
    get(key: string): T | undefined {
      const entry = kept.get(key);
      if (entry && entry.until > now()) return entry.value;
      kept.delete(key);
      return undefined;
    },
    set(key: string, value: T): void {
      kept.delete(key);
      for (const oldest of kept.keys()) {
        if (kept.size < entries) break;
        kept.delete(oldest);
      }
      kept.set(key, { value, until: now() + ttlMs });
    },
  };
};
