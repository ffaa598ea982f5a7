import { isObject } from "../../common/objects.ts";
import { readKey } from "../../mapping/remote-attributes.ts";
import type { AttributeChange } from "../../model/attributes.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import type { Profile } from "../../model/profile.ts";
import { type KnownMembers, ProviderFailure } from "../../provisioning/ports/service-provider.ts";
import type { CallState } from "../exchange/scim-request.ts";
import { idOf } from "../messages/answers.ts";
import { etagOf, readRequested } from "../messages/read-requested.ts";
import { addSchemas, extensionsOf, setPath } from "../messages/resource.ts";
import { resourceOf } from "../messages/resource-path.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import type { MemberChange } from "./patch.ts";

/** The provider's own (RFC 7643 §3.1, §4.1.2): groups change through the group. */
const readOnly = ["meta", "groups"];
const maxReads = 3;

/**
 * For a provider without PATCH: read, merge, PUT. Never a bare PUT, since what a PUT leaves out may be cleared
 * (RFC 7644 §3.5.1). Where ETags count, the PUT is tied to what was read, and a 412 reads again (§3.14).
 */
const putMerged = async <T>(
  call: CallState,
  path: string,
  { etag: isTied }: Profile,
  merge: (resource: JsonObject) => void,
  read: (answer: HttpAnswer) => T,
  known: KnownMembers | undefined,
): Promise<T> => {
  const { collection, id } = resourceOf(path);
  const readTagged = (answer: HttpAnswer) => {
    const asked = readRequested(answer, collection, id);
    return { resource: asked.resource, etag: etagOf(answer, asked) };
  };
  for (let reads = 1; ; reads += 1) {
    // What is merged into has to be the resource: a PUT would keep what any other answer holds, and lose the rest.
    const { resource, etag } = await call({ method: "GET", path, byId: true, read: readTagged });
    for (const attribute of readOnly) setPath(resource, attribute, undefined);
    if (known) await showKnown(resource, known);
    merge(resource);
    const headers = isTied && etag !== undefined ? { "If-Match": etag } : {};
    try {
      return await call({ method: "PUT", path, byId: true, headers, body: resource, read });
    } catch (error) {
      if (!(error instanceof ProviderFailure) || error.status !== 412 || reads === maxReads) throw error;
    }
  }
};

/** A PUT holds all members: it would take out those that a read does not show. */
export const takesWholeGroups = ({ replaceMembers, readsMembers }: Profile): boolean =>
  replaceMembers && readsMembers;

/** A group that shows nobody may hide its members: a PUT without those who are known would take them out. */
const showKnown = async (group: JsonObject, known: KnownMembers): Promise<void> => {
  const shown = readKey(group, "members");
  if (Array.isArray(shown) && shown.length > 0) return;
  const ids = await known("all");
  if (ids.length > 0)
    setPath(
      group,
      "members",
      ids.map((value) => ({ value })),
    );
};

export const putChanged = <T>(
  call: CallState,
  path: string,
  profile: Profile,
  changes: AttributeChange[],
  read: (answer: HttpAnswer) => T,
  known?: KnownMembers,
): Promise<T> => {
  const merge = (resource: JsonObject) => {
    for (const change of changes) setPath(resource, change.path, change.to);
    addSchemas(
      resource,
      extensionsOf(changes.filter(({ to }) => to !== undefined).map((change) => change.path)),
    );
  };
  return putMerged(call, path, profile, merge, read, known);
};

/** A group with members added and removed; those that somebody else put there stay. */
export const putMembers = <T>(
  call: CallState,
  path: string,
  profile: Profile,
  { add, remove }: MemberChange,
  read: (answer: HttpAnswer) => T,
  known: KnownMembers | undefined,
): Promise<T> => {
  const merge = (group: JsonObject) => {
    const shown = readKey(group, "members") ?? [];
    const members = Array.isArray(shown) ? shown : [];
    const idOfMember = (member: JsonValue) => idOf(isObject(member) ? readKey(member, "value") : member);
    const kept = members.filter((member) => !remove.includes(idOfMember(member) ?? ""));
    const there = new Set(kept.map(idOfMember));
    const added = add.filter((id) => !there.has(id)).map((value) => ({ value }));
    setPath(group, "members", [...kept, ...added]);
  };
  return putMerged(call, path, profile, merge, read, known);
};
