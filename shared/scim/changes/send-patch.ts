import { ProviderFailure } from "../../provisioning/ports/service-provider.ts";
import { keepMaybeApplied } from "../exchange/retry.ts";
import type { CallState, ScimRequest } from "../exchange/scim-request.ts";
import { etagOf, readRequested } from "../messages/read-requested.ts";
import { resourcePath } from "../messages/resource-path.ts";

type Collection = "Users" | "Groups";
type Patch<T> = Pick<ScimRequest<T>, "body" | "read" | "again">;

const maxReads = 2;

/**
 * PATCH of one resource (RFC 7644 §3.5.2). It carries no If-Match, so a 412 says that somebody else was at it, and a
 * 428 that one is asked for (§3.14): the resource is read and the PATCH sent again, tied to the ETag where one is shown.
 * Not where such a refusal `givesWay` to a PUT. `patch` is asked each time, since a repeat may have less to send.
 */
export const sendPatch = <T>(
  call: CallState,
  collection: Collection,
  id: string,
  patch: () => Patch<T>,
  givesWay: boolean,
): Promise<T> => sendTied(call, collection, id, patch, {}, givesWay ? 0 : maxReads);

const sendTied = async <T>(
  call: CallState,
  collection: Collection,
  id: string,
  patch: () => Patch<T>,
  headers: Record<string, string>,
  reads: number,
): Promise<T> => {
  try {
    const path = resourcePath(collection, id);
    return await call({ method: "PATCH", path, byId: true, headers, ...patch() });
  } catch (error) {
    if (reads === 0 || !isOfVersion(error)) throw error;
    try {
      const tied = await readIfMatch(call, collection, id);
      return await sendTied(call, collection, id, patch, tied, reads - 1);
    } catch (second) {
      throw keepMaybeApplied(error, second);
    }
  }
};

/** Refused for the version of the resource, or for want of one. */
const isOfVersion = (error: unknown): error is ProviderFailure =>
  error instanceof ProviderFailure && (error.status === 412 || error.status === 428);

/** A group's members are left out, since there may be 100,000; who does not know the parameter ignores it. */
const readIfMatch = (call: CallState, collection: Collection, id: string) =>
  call<Record<string, string>>({
    method: "GET",
    path: `${resourcePath(collection, id)}${collection === "Groups" ? "?excludedAttributes=members" : ""}`,
    byId: true,
    read: (answer) => {
      const etag = etagOf(answer, readRequested(answer, collection, id));
      return etag === undefined ? {} : { "If-Match": etag };
    },
  });
