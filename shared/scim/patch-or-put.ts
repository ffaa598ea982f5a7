import type { Profile } from "../model/profile.ts";
import { ProviderFailure } from "../provisioning/ports/service-provider.ts";

/** How one kind of resource is changed: as the profile says, until the provider turns out to know the other way alone. */
export type Way = Pick<Profile, "updates" | "etag">;

/** Ways by a key that holds the profile's word, so that another word begins anew. */
export const createWays = () => {
  const known = new Map<string, Way>();
  return (baseUrl: string, collection: "Users" | "Groups", { updates, etag }: Profile): Way => {
    const key = JSON.stringify([baseUrl, collection, updates, etag]);
    const way = known.get(key) ?? { updates, etag };
    known.set(key, way);
    return way;
  };
};

/**
 * 405 and 501: no such method, or not for this. 428 to a PATCH, which carries no If-Match: one is asked for. So may a 412
 * mean, or that somebody else was at the resource just then.
 */
const givesWay = ({ updates, etag }: Way, error: unknown): "for good" | "once" | undefined => {
  const status = error instanceof ProviderFailure ? error.status : undefined;
  if (status === 405 || status === 501) return "for good";
  if (!etag || updates !== "patch") return undefined;
  return status === 428 ? "for good" : status === 412 ? "once" : undefined;
};

/**
 * One way gives way to the other, since either may be wrongly told; what then worked is tried first from there on,
 * unless the refusal may be a passing one. A PUT reads before, and so knows the ETag.
 */
export const patchOrPut = async <T>(way: Way, patch: () => Promise<T>, put: () => Promise<T>): Promise<T> => {
  // Other attempts share the way and may change it meanwhile.
  const first = { ...way };
  const other = first.updates === "patch" ? "put" : "patch";
  const send = { patch, put };
  try {
    return await send[first.updates]();
  } catch (error) {
    const gives = givesWay(first, error);
    if (!gives) throw error;
    const done = await send[other]();
    if (gives === "for good") way.updates = other;
    return done;
  }
};
