import { copyOf, type Request, unavailable } from "../../shared/memory/request.ts";
import type { SecretStore, StoredSecret } from "../../shared/provisioning/ports/integration-store.ts";

type Item = { versions: Map<string, StoredSecret>; isDeleted: boolean };
export type SecretItems = Map<string, Item>;

const cachedMs = 5 * 60_000;

/** Secrets in memory. What was read is kept for five minutes by this store, as by a process. */
export const memorySecretStore = (items: SecretItems, request: Request, now: () => number): SecretStore => {
  const cache = new Map<string, { secret: StoredSecret; until: number }>();
  const living = (integrationId: string): Item | undefined => {
    const item = items.get(integrationId);
    return item?.isDeleted ? undefined : item;
  };
  return {
    create: (integrationId, versionId, secret) =>
      request("create secret", () => {
        const item = items.get(integrationId);
        if (!item) {
          const versions = new Map([[versionId, copyOf(secret)]]);
          items.set(integrationId, { versions, isDeleted: false });
        } else if (!living(integrationId)?.versions.has(versionId)) throw unavailable();
      }),

    put: (integrationId, versionId, secret) =>
      request("put secret", () => {
        const item = items.get(integrationId) ?? { versions: new Map(), isDeleted: false };
        item.isDeleted = false;
        if (!item.versions.has(versionId)) item.versions.set(versionId, copyOf(secret));
        items.set(integrationId, item);
      }),

    async read(integrationId, versionId) {
      const key = `${integrationId} ${versionId}`;
      const cached = cache.get(key);
      if (cached && cached.until > now()) return copyOf(cached.secret);
      const find = () => copyOf(living(integrationId)?.versions.get(versionId));
      const secret = await request("read secret", find);
      if (secret) cache.set(key, { secret, until: now() + cachedMs });
      return copyOf(secret);
    },

    hasVersion: (integrationId, versionId) =>
      request("look for secret", () => living(integrationId)?.versions.has(versionId) === true),

    scheduleDeletion: (integrationId) =>
      request("delete secret", () => {
        const item = items.get(integrationId);
        if (item) item.isDeleted = true;
      }),
  };
};
