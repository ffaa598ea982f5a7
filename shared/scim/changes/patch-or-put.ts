import type { Profile } from "../../model/profile.ts";
import { ProviderFailure } from "../../provisioning/ports/service-provider.ts";

/** How one kind of operation is carried out: as the profile says, until the provider turns out to know the other way alone. */
export type UpdateMethod = Pick<Profile, "updates" | "etag">;

/** What is changed: one of these may know the way that another does not. */
export type Operation = "users" | "group attributes" | "group members";

/** Ways by operation and a key that holds the profile's word, so that another word begins anew. */
export const createUpdateMethods = () => {
  const known = new Map<string, UpdateMethod>();
  return (baseUrl: string, operation: Operation, { updates, etag }: Profile): UpdateMethod => {
    const key = JSON.stringify([baseUrl, operation, updates, etag]);
    const way = known.get(key) ?? { updates, etag };
    known.set(key, way);
    return way;
  };
};

/**
 * 405 and 501: no such method, or not for this. 428 to a PATCH, which carries no If-Match: one is asked for. So may a 412
 * mean, or that somebody else was at the resource just then.
 */
const givesWay = ({ updates, etag }: UpdateMethod, error: unknown): "for good" | "once" | undefined => {
  const status = error instanceof ProviderFailure ? error.status : undefined;
  if (status === 405 || status === 501) return "for good";
  if (!etag || updates !== "patch") return undefined;
  return status === 428 ? "for good" : status === 412 ? "once" : undefined;
};

/**
 * One way gives way to the other, since either may be wrongly told; what then worked is tried first from there on,
 * unless the refusal may be a passing one. A PUT reads before, and so knows the ETag. A PUT that was accepted and,
 * as `isIgnored` tells, changed nothing is no way: PATCH is tried.
 */
export const patchOrPut = async <T>(
  way: UpdateMethod,
  patch: () => Promise<T>,
  put: () => Promise<T>,
  isIgnored: (done: T) => boolean,
): Promise<T> => {
  // Other attempts share the way and may change it meanwhile.
  const first = { ...way };
  const other = first.updates === "patch" ? "put" : "patch";
  const send = { patch, put };
  let done: T;
  try {
    done = await send[first.updates]();
  } catch (error) {
    const gives = givesWay(first, error);
    if (!gives) throw error;
    done = await send[other]();
    if (gives === "for good" && !(other === "put" && isIgnored(done))) way.updates = other;
    return done;
  }
  if (first.updates === "patch" || !isIgnored(done)) return done;
  const patched = await insteadOf(done, patch);
  if (!isIgnored(patched)) way.updates = "patch";
  return patched;
};

/** Where the PATCH fails, what the PUT has come to is all that is known. A 401 stops the integration. */
const insteadOf = async <T>(done: T, patch: () => Promise<T>): Promise<T> => {
  try {
    return await patch();
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind !== "unauthorized") return done;
    throw error;
  }
};
