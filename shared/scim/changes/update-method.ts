import type { Profile } from "../../model/profile.ts";
import { ignoreFailure } from "../../provisioning/ports/ignore-failure.ts";
import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import { keepMaybeApplied } from "../exchange/retry.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import { type Wording, wordingOf } from "./wording.ts";

/**
 * How one kind of operation is carried out: as the profile says, until the provider turns out to know the other method
 * alone, or to take a change only when it is said another way.
 */
export type UpdateMethod = Pick<Profile, "updates"> & {
  wording: Wording;
  /** The method and the wording of a deactivation that a read has shown to shut an account out. */
  shutBy?: string;
  /** Of groups: what renames by path, without a path and by PUT turned out to do to the members. */
  renames: Partial<Record<"path" | "pathless" | "put", "keeps" | "empties">>;
  /** Paths that answers to changes have shown. */
  shown: Set<string>;
  /** A PATCH was taken: a 404 to another one is no word about the method. */
  takesPatch?: true;
  /** A PATCH in place of a PUT that failed was no method: no other is tried. */
  lacksPatch?: true;
  /** Of members: those who leave were taken out by a PUT, where the filter of a PATCH was refused. */
  removesByPut?: true;
};

/** What is changed: one of these may know the method that another does not. */
export type Operation = "users" | "group attributes" | "group members";

/** Methods by operation and a key that holds the profile's word, so that another word begins anew. */
export const createUpdateMethods = () => {
  const known = new Map<string, UpdateMethod>();
  return (baseUrl: string, operation: Operation, profile: Profile): UpdateMethod => {
    const usual = { updates: profile.updates, wording: wordingOf(profile) };
    const key = JSON.stringify([baseUrl, operation, usual]);
    const method = known.get(key) ?? { ...usual, renames: {}, shown: new Set() };
    known.set(key, method);
    return method;
  };
};

/** A PUT holds all members of a group: it would take out those that a read does not show. */
export const canPut = ({ collection, profile }: ResourceContext): boolean =>
  collection === "Users" || (profile.replaceMembers && profile.readsMembers);

/** Whether a PATCH was refused for the filter in the path of a removal (RFC 7644 §3.12). */
export const isRefusalOfFilter = ({ status, scimType }: ProviderFailure): boolean =>
  status === 400 && ["invalidpath", "invalidfilter"].includes(scimType?.toLowerCase() ?? "");

/** 405 and 501: no such method, or not for this; so is a 404 to the PUT of what was just read (put-merged). */
const isRefusalOfMethod = ({ updates }: Pick<UpdateMethod, "updates">, error: unknown): boolean => {
  if (!(error instanceof ProviderFailure)) return false;
  const { status, kind } = error;
  return status === 405 || status === 501 || (updates === "put" && status === 404 && kind === "rejected");
};

/** Until a PATCH was taken, its 404 may say that there is no such route, and not that the resource is gone. */
const mayLackRoute = ({ updates, takesPatch }: UpdateMethod, error: unknown): error is ProviderFailure =>
  updates === "patch" && !takesPatch && error instanceof ProviderFailure && error.status === 404;

/**
 * A PUT that was surely not carried out, for what it holds beside the change or because the resource cannot be read, e.g.
 * for its size, although a PATCH may be.
 */
const isOfWhole = (error: unknown): error is ProviderFailure =>
  error instanceof ProviderFailure &&
  !error.maybeApplied &&
  !error.isOfTokenEndpoint &&
  error.retryAfterSeconds === undefined &&
  ((error.kind === "rejected" && error.status !== 403 && error.status !== 412) ||
    (error.kind === "unavailable" && error.status === 500));

/**
 * A PATCH in place of a PUT that failed: the provider, or an admin, may be wrong in saying that there is none. The failure
 * of the PUT stands where it fails too.
 */
const patchAfterPut = async <T>(
  patch: () => Promise<T>,
  method: UpdateMethod,
  failure: ProviderFailure,
): Promise<T> => {
  if (method.lacksPatch) throw failure;
  try {
    return await patch();
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    if (error.kind === "unauthorized" || error.maybeApplied) throw error;
    if (error.status === 404 || error.status === 405 || error.status === 501) method.lacksPatch = true;
    throw failure;
  }
};

/**
 * A PUT in place of the PATCH that was answered 404. It reads first: where the resource is gone, or the PUT is no method
 * either, the 404 stands, and so it does for a group, whose member may be the one who is not there.
 */
const putAfterMiss = async <T>(
  put: () => Promise<T>,
  { collection }: ResourceContext,
  miss: ProviderFailure,
): Promise<T> => {
  try {
    return await put();
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    const isRefused =
      isRefusalOfMethod({ updates: "put" }, error) || (collection === "Groups" && error.kind === "rejected");
    if (error.kind === "not-found") throw miss.copyWith({ isSeenGone: true });
    throw isRefused ? miss : error;
  }
};

/**
 * Where one method is refused the other is tried, since the profile may be wrong; what then worked is tried first from
 * there on. A PUT that was accepted and, as `isIgnored` tells, changed nothing does not work: PATCH is tried.
 */
export const patchOrPut = async <T>(
  resource: ResourceContext,
  method: UpdateMethod,
  { isIgnored, ...send }: { patch(): Promise<T>; put(): Promise<T>; isIgnored(done: T): boolean },
): Promise<T> => {
  const patch = async () => {
    const done = await send.patch();
    method.takesPatch = true;
    return done;
  };
  if (!canPut(resource)) return patch();
  // Other attempts share the method and may change it meanwhile.
  const first = { ...method };
  const other = first.updates === "patch" ? "put" : "patch";
  const tryOther = (error: unknown): Promise<T> => {
    if (mayLackRoute(first, error)) return putAfterMiss(send.put, resource, error);
    if (isRefusalOfMethod(first, error)) return send[other]();
    if (first.updates === "put" && isOfWhole(error)) return patchAfterPut(patch, method, error);
    throw error;
  };
  let done: T;
  try {
    done = await (first.updates === "patch" ? patch() : send.put());
  } catch (error) {
    done = await tryOther(error).catch((second: unknown) => {
      // A try before the one that was refused may have been applied.
      throw keepMaybeApplied(error, second);
    });
    if (!(other === "put" && isIgnored(done))) method.updates = other;
    return done;
  }
  if (first.updates === "patch" || !isIgnored(done)) return done;
  const patched = await send.patch().catch(ignoreFailure);
  if (patched === undefined) return done;
  if (!isIgnored(patched)) method.updates = "patch";
  return patched;
};
