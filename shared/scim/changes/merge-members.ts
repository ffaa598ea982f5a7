import { isSameName } from "../../common/names.ts";
import { asText, readKey } from "../../mapping/remote-attributes.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import type { KnownMembers } from "../../provisioning/ports/service-provider.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import { setPath } from "../messages/resource.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import { idOfMember, membersShownIn } from "./group-members.ts";
import type { MemberChange } from "./patch.ts";
import { type Merge, putMerged } from "./put-merged.ts";

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

const removeMembers = (group: JsonObject, ids: string[]): void => {
  const left = new Set<string | undefined>(ids);
  setPath(
    group,
    "members",
    membersOf(group).filter((member) => !left.has(idOfMember(member))),
  );
};

/**
 * What we know of a group, laid over a read of it that a PUT is made of: reads may be behind what was just written, and
 * the PUT would undo that. `name`: the one that it was given lately. Answers the members that the read shows, without
 * those who were taken out lately.
 */
const layKnown =
  (known: KnownMembers | undefined, name?: string) =>
  async (group: JsonObject): Promise<string[] | undefined> => {
    if (name !== undefined && !isSameName(asText(readKey(group, "displayName")), name))
      setPath(group, "displayName", name);
    const out = (await known?.("out")) ?? [];
    if (out.length > 0) removeMembers(group, out);
    const shown = membersShownIn(group);
    if (known) await showKnown(group, known);
    return shown;
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

/**
 * PUT of a group, with what is known of it. Some providers refuse one that holds an inactive member: then it goes out once
 * more without the members whose accounts are shut out, who have nothing of the group and are added again once they are
 * open.
 */
export const putGroup = async <T>(
  group: ResourceContext & { known: KnownMembers | undefined; name?: string | undefined },
  merge: Merge,
  read: (answer: HttpAnswer) => T,
): Promise<T> => {
  const lay = layKnown(group.known, group.name);
  try {
    return await putMerged(group, merge, read, lay);
  } catch (error) {
    if (!(error instanceof ProviderFailure) || ![400, 403, 409, 422].includes(error.status ?? 0)) throw error;
    const shut = (await group.known?.("shut")) ?? [];
    if (shut.length === 0) throw error;
    const withoutShut: Merge = (body, shown) => {
      merge(body, shown);
      removeMembers(body, shut);
    };
    return putMerged(group, withoutShut, read, lay);
  }
};

/** Members added and removed; those that somebody else put there stay. */
export const mergeMembers =
  ({ add, remove }: MemberChange) =>
  (group: JsonObject): void => {
    removeMembers(group, remove);
    addMembers(group, add);
  };
