import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import { readResource } from "../exchange/resource-requests.ts";
import { keepMaybeApplied } from "../exchange/retry.ts";
import type { ResourceContext, ScimRequest } from "../exchange/scim-request.ts";
import { etagOf } from "../messages/read-requested.ts";
import { resourcePath } from "../messages/resource-path.ts";

type Patch<T> = Pick<ScimRequest<T>, "body" | "read" | "again">;

const maxReads = 2;

/**
 * PATCH of one resource (RFC 7644 §3.5.2). It carries no If-Match, so a 412 says that somebody else was at it, and a
 * 428 that one is asked for (§3.14): the resource is read and the PATCH sent again, tied to the ETag where one is shown.
 * A PUT in its place may be refused, or leave out what it should keep. `patch` is asked each time, since a repeat may
 * have less to send.
 */
export const sendPatch = async <T>(resource: ResourceContext, patch: () => Patch<T>): Promise<T> => {
  const path = resourcePath(resource.collection, resource.id);
  const sendTied = async (headers: Record<string, string>, reads: number): Promise<T> => {
    try {
      return await resource.call({ method: "PATCH", path, byId: true, headers, ...patch() });
    } catch (error) {
      if (reads === 0 || !isOfVersion(error)) throw error;
      try {
        return await sendTied(await readIfMatch(resource), reads - 1);
      } catch (second) {
        throw keepMaybeApplied(error, second);
      }
    }
  };
  return sendTied({}, maxReads);
};

/** Refused for the version of the resource, or for want of one. */
const isOfVersion = (error: unknown): error is ProviderFailure =>
  error instanceof ProviderFailure && (error.status === 412 || error.status === 428);

/**
 * A group's members are left out, since there may be 100,000; a provider that does not know the parameter ignores it.
 * One that cannot be read, e.g. for its size, is changed in whatever version it has (RFC 9110 §13.1.1).
 */
const readIfMatch = async (resource: ResourceContext): Promise<Record<string, string>> => {
  try {
    return await readEtag(resource);
  } catch (error) {
    const isUnreadable = error instanceof ProviderFailure && (error.status ?? 0) >= 500;
    if (resource.collection !== "Groups" || !isUnreadable) throw error;
    return { "If-Match": "*" };
  }
};

const readEtag = (resource: ResourceContext): Promise<Record<string, string>> =>
  readResource(
    resource,
    (shown, answer): Record<string, string> => {
      const etag = etagOf(answer, shown);
      return etag === undefined ? {} : { "If-Match": etag };
    },
    { query: resource.collection === "Groups" ? "?excludedAttributes=members" : "" },
  );
