import { readKey } from "../../mapping/remote-attributes.ts";
import type { AttributeChange } from "../../model/attributes.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { type KnownMembers, ProviderFailure } from "../../provisioning/ports/service-provider.ts";
import { readResource } from "../exchange/resource-requests.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import { etagOf } from "../messages/read-requested.ts";
import { addSchemas, extensionsOf, setPath } from "../messages/resource.ts";
import { resourcePath } from "../messages/resource-path.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import { idOfMember, membersShownIn } from "./group-members.ts";
import type { MemberChange } from "./patch.ts";

/** `shown`: the members that a read of the group showed, before those were put in who are known. */
type Merge = (resource: JsonObject, shown: string[] | undefined) => void;

/** The provider's own (RFC 7643 §3.1, §4.1.2): groups change through the group. */
const readOnly = ["meta", "groups"];
const maxReads = 3;

/**
 * For a provider without PATCH: read, merge, PUT. Never a bare PUT, since what a PUT leaves out may be cleared
 * (RFC 7644 §3.5.1). Where ETags count, the PUT is tied to what was read, and a 412 reads again (§3.14). A 404 to the
 * PUT of what was just read says that there is no such method, and not that the resource is gone: `rejected`.
 */
export const putMerged = async <T>(
  resource: ResourceContext,
  merge: Merge,
  read: (answer: HttpAnswer) => T,
  known: KnownMembers | undefined,
): Promise<T> => {
  const { call, profile, collection, id } = resource;
  const path = resourcePath(collection, id);
  for (let reads = 1; ; reads += 1) {
    // What is merged into has to be the resource: a PUT would keep what any other answer holds, and lose the rest.
    const { body, etag } = await readResource(resource, (shown, answer) => ({
      body: shown.resource,
      etag: etagOf(answer, shown),
    }));
    for (const attribute of readOnly) setPath(body, attribute, undefined);
    const shown = membersShownIn(body);
    if (known) await showKnown(body, known);
    merge(body, shown);
    const headers = profile.etag && etag !== undefined ? { "If-Match": etag } : {};
    try {
      return await call({ method: "PUT", path, byId: true, headers, body, read });
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      if (error.kind === "not-found") throw error.copyWith({ kind: "rejected" });
      if (error.status !== 412 || reads === maxReads) throw error;
    }
  }
};

const membersOf = (group: JsonObject): JsonValue[] => {
  const shown = readKey(group, "members");
  return Array.isArray(shown) ? shown : [];
};

const addMembers = (group: JsonObject, ids: string[]): void => {
  const members = membersOf(group);
  const shown = new Set(members.map(idOfMember));
  const added = ids.filter((id) => !shown.has(id)).map((value) => ({ value }));
  if (added.length > 0) setPath(group, "members", [...members, ...added]);
};

/**
 * A group may show a part of its members, or nobody, and a PUT would take the others out. Where one who is in it without
 * a doubt is not shown, all who are known are put in.
 */
const showKnown = async (group: JsonObject, known: KnownMembers): Promise<void> => {
  const shown = new Set(membersOf(group).map(idOfMember));
  const isWhole = shown.size > 0 && (await known("sure")).every((id) => shown.has(id));
  if (!isWhole) addMembers(group, await known("all"));
};

export const mergeChanges =
  (changes: AttributeChange[]): Merge =>
  (resource) => {
    for (const { path, to } of changes) setPath(resource, path, to);
    const set = changes.filter(({ to }) => to !== undefined);
    addSchemas(resource, extensionsOf(set.map(({ path }) => path)));
  };

/** Members added and removed; those that somebody else put there stay. */
export const mergeMembers =
  ({ add, remove }: MemberChange): Merge =>
  (group) => {
    const kept = membersOf(group).filter((member) => !remove.includes(idOfMember(member) ?? ""));
    setPath(group, "members", kept);
    addMembers(group, add);
  };
