import { isSameId } from "../../common/names.ts";
import { present } from "../../common/objects.ts";
import type { Changed, KnownMembers, Rename, Renamed } from "../../provisioning/ports/service-provider.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import { attributeOperations } from "./attribute-patch.ts";
import { lookAtMembers, membersShownIn } from "./group-members.ts";
import { patchOf } from "./patch.ts";
import { mergeChanges, putMerged } from "./put-merged.ts";
import { sendPatch } from "./send-patch.ts";
import { changedIn } from "./shown-otherwise.ts";
import { ignoreFailure, patchOrPut, type UpdateMethod } from "./update-method.ts";

type Target = ResourceContext & { method: UpdateMethod; known: KnownMembers | undefined };

/**
 * Rename a group, in the profile's style or in the one that turned out to work. Where the answer shows the old name the
 * other style is tried once, unless this is a repetition. Some servers empty a group whose name is replaced without a
 * path, so the members are read before such a PATCH, and what is shown after it is held against them; where it lost
 * members the name is sent by path from then on.
 */
export const renameGroup = async (
  group: Target,
  to: string,
  { from, isRepeat }: Rename = {},
): Promise<Renamed> => {
  const { profile, method, known } = group;
  const changes = [{ path: "displayName", ...present({ from }), to }];
  const read = (answer: HttpAnswer) => changedIn(answer, group, changes);
  let style = method.wording.plain;
  let before: string[] | undefined;
  let isPut = false;
  const patch = async () => {
    isPut = false;
    if (style === "pathless" && !profile.readsMarkManaged) before ??= await lookAtMembers(group);
    return sendPatch(group, () => ({
      body: patchOf(attributeOperations(changes, { ...method.wording, plain: style }, {})),
      read,
    }));
  };
  const put = () => {
    isPut = true;
    const rename = mergeChanges(changes);
    const merge: typeof rename = (body, shown) => {
      before = shown;
      rename(body, shown);
    };
    return putMerged(group, merge, read, known);
  };
  let renamed = await patchOrPut(group, method, {
    patch,
    put,
    isIgnored: ({ unconfirmed }) => unconfirmed.length > 0,
  });
  if (renamed.unconfirmed.length > 0 && !isPut && !isRepeat) {
    before ??= renamed.shown && membersShownIn(renamed.shown.resource);
    // Without a path only where it can be told who was in the group.
    if (style === "pathless" || before) {
      style = style === "pathless" ? "path" : "pathless";
      renamed = (await patch().catch(ignoreFailure)) ?? renamed;
      if (renamed.unconfirmed.length === 0) method.wording = { ...method.wording, plain: style };
    }
  }
  const isPathless = style === "pathless" && !isPut;
  const lost = await lostMembers(group, renamed, { before, isPathless });
  if (isPathless && lost.length > 0) method.wording = { ...method.wording, plain: "path" };
  return { ...renamed, lost };
};

/**
 * Who was in the group before and, as a read confirms, is not any longer. Of one that shows nobody these are all who are
 * in it without a doubt, unless it showed nobody before either; of one that shows some, it may show some alone.
 */
const lostMembers = async (
  group: Target,
  { shown }: Changed,
  { before, isPathless }: { before: string[] | undefined; isPathless: boolean },
): Promise<string[]> => {
  const { readsMembers, readsMarkManaged } = group.profile;
  const isSame = shown === undefined || isSameId(shown.id, group.id);
  const answered = shown && membersShownIn(shown.resource);
  if (!readsMembers || !isSame || (answered === undefined && !isPathless)) return [];
  const missingIn = async (members: string[]): Promise<string[]> => {
    const isEmptied = members.length === 0 && before?.length !== 0;
    const due = [...(before ?? []), ...((isEmptied && (await group.known?.("sure"))) || [])];
    return [...new Set(due)].filter((one) => !members.includes(one));
  };
  if (answered && (await missingIn(answered)).length === 0) return [];
  const members = (readsMarkManaged ? undefined : await lookAtMembers(group)) ?? answered;
  return members ? missingIn(members) : [];
};
