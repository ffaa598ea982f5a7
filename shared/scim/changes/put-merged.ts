import type { AttributeChange } from "../../model/attributes.ts";
import type { JsonObject } from "../../model/json.ts";
import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import { readResource } from "../exchange/resource-requests.ts";
import { keepMaybeApplied } from "../exchange/retry.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import { withExactNumbers } from "../messages/exact-numbers.ts";
import { etagOf } from "../messages/read-requested.ts";
import { addSchemas, extensionsOf, setPath } from "../messages/resource.ts";
import { resourcePath } from "../messages/resource-path.ts";
import type { HttpAnswer } from "../wire/transport.ts";

/** `shown`: what `lay` has answered. */
export type Merge = (resource: JsonObject, shown: string[] | undefined) => void;
/** Lays what is known of a group over what a read shows of it, and answers the members that it showed. */
type Lay = (group: JsonObject) => Promise<string[] | undefined>;

/** The provider's own (RFC 7643 §3.1, §4.1.2): groups change through the group. */
const readOnly = ["meta", "groups"];
const maxReads = 3;

/**
 * For a provider without PATCH: read, merge, PUT. Never a bare PUT, since what a PUT leaves out may be cleared (RFC
 * 7644 §3.5.1). A read may be behind what we have just written: what is known goes over it. Where ETags count, the PUT
 * is tied to what was read, and a 412 reads again (§3.14). A 404 to the PUT of what was just read says that there is no
 * such method, and not that the resource is gone: `rejected`.
 */
export const putMerged = async <T>(
  resource: ResourceContext,
  merge: Merge,
  read: (answer: HttpAnswer) => T,
  lay?: Lay,
): Promise<T> => {
  const { call, profile, collection, id } = resource;
  const path = resourcePath(collection, id);
  let before: unknown;
  for (let reads = 1; ; reads += 1) {
    // What is merged into has to be the resource: a PUT would keep what any other answer holds, and lose the rest.
    const { body, etag } = await readResource(resource, (shown, answer) => ({
      body: withExactNumbers(answer.text),
      etag: etagOf(answer, shown),
    })).catch((error: unknown) => {
      throw keepMaybeApplied(before, error);
    });
    for (const attribute of readOnly) setPath(body, attribute, undefined);
    merge(body, await lay?.(body));
    const headers = profile.etag && etag !== undefined ? { "If-Match": etag } : {};
    try {
      return await call({ method: "PUT", path, byId: true, headers, body, read });
    } catch (error) {
      const failure = keepMaybeApplied(before, error);
      if (!(failure instanceof ProviderFailure)) throw failure;
      if (failure.kind === "not-found") throw failure.copyWith({ kind: "rejected" });
      if (failure.status !== 412 || reads === maxReads) throw failure;
      before = failure;
    }
  }
};

export const mergeChanges =
  (changes: AttributeChange[]): Merge =>
  (resource) => {
    for (const { path, to } of changes) setPath(resource, path, to);
    const set = changes.filter(({ to }) => to !== undefined);
    addSchemas(resource, extensionsOf(set.map(({ path }) => path)));
  };
