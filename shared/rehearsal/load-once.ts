/** What was read of the real store: each key once, also where two ask for it at the same time. */
export type LoadOnce = {
  one(key: string, load: () => Promise<void>): Promise<void>;
  /** Those of the keys that nobody has asked for before, which `load` is given. */
  many(keys: string[], load: (missing: string[]) => Promise<void>): Promise<void>;
  /** It is known from elsewhere. True where it was not known before. */
  note(key: string): boolean;
};

/** What failed is not loaded: it is asked for again. */
export const loadOnce = (): LoadOnce => {
  const loads = new Map<string, Promise<void>>();
  const start = (keys: string[], load: () => Promise<void>): void => {
    const loading = load().catch((error: unknown) => {
      for (const key of keys) loads.delete(key);
      throw error;
    });
    for (const key of keys) loads.set(key, loading);
  };
  return {
    async one(key, load) {
      if (!loads.has(key)) start([key], load);
      await loads.get(key);
    },
    async many(keys, load) {
      const missing = [...new Set(keys)].filter((key) => !loads.has(key));
      if (missing.length > 0) start(missing, () => load(missing));
      await Promise.all(keys.map((key) => loads.get(key)));
    },
    note(key) {
      if (loads.has(key)) return false;
      loads.set(key, Promise.resolve());
      return true;
    },
  };
};
