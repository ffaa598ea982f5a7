import { isSameId, isSameName } from "../../common/names.ts";
import { present } from "../../common/objects.ts";
import { ignoreFailure } from "../../provisioning/ports/ignore-failure.ts";
import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import type { Changed, KnownMembers, Rename, Renamed } from "../../provisioning/ports/service-provider.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import { attributeOperations } from "./attribute-patch.ts";
import { lookAtMembers, membersShownIn, readGroup } from "./group-members.ts";
import { putGroup } from "./merge-members.ts";
import { patchOf } from "./patch.ts";
import { mergeChanges } from "./put-merged.ts";
import { sendPatch } from "./send-patch.ts";
import { changedIn } from "./shown-otherwise.ts";
import { patchOrPut, type UpdateMethod } from "./update-method.ts";

type Target = ResourceContext & { method: UpdateMethod; known: KnownMembers | undefined };

/**
 * Rename a group, in the profile's style or in the one that turned out to work. Where the answer shows the old name the
 * other style is tried once, unless this is a repetition. Some servers empty a group whose name is replaced, most of them
 * without a path, so the members are read before such a PATCH, and what is shown after it is held against them, until a
 * way of renaming has turned out to keep them; where a PATCH without a path lost members the name is sent by path from
 * then on.
 */
export const renameGroup = async (
  group: Target,
  to: string,
  { from, isRepeat }: Rename = {},
): Promise<Renamed> => {
  const { profile, method } = group;
  const changes = [{ path: "displayName", ...present({ from }), to }];
  const read = (answer: HttpAnswer) => changedIn(answer, group, changes);
  let style = method.wording.plain;
  let before: string[] | undefined;
  let isPut = false;
  const patch = async () => {
    isPut = false;
    if (mayEmpty(method, style) && !profile.readsMarkManaged) before ??= await lookAtMembers(group);
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
    return putGroup(group, merge, read);
  };
  let renamed = await patchOrPut(group, method, {
    patch,
    put,
    isIgnored: ({ unconfirmed }) => unconfirmed.length > 0,
  }).catch(unlessDone(group, to));
  if (renamed.unconfirmed.length > 0 && !isPut && !isRepeat) {
    before ??= renamed.shown && membersShownIn(renamed.shown.resource);
    // Without a path only where it can be told who was in the group.
    if (style === "pathless" || before) {
      style = style === "pathless" ? "path" : "pathless";
      renamed = (await patch().catch(unlessTaken)) ?? renamed;
      if (renamed.unconfirmed.length === 0) method.wording = { ...method.wording, plain: style };
    }
  }
  const way = isPut ? "put" : style;
  return {
    ...renamed,
    findLost: async (id) => {
      const lost = await lostMembers({ ...group, id }, renamed, { before, way });
      if (way === "pathless" && lost.length > 0) method.wording = { ...method.wording, plain: "path" };
      return lost;
    },
  };
};

/** A 2xx that is no SCIM says nothing: a read that shows the new name does. */
const unlessDone =
  (group: Target, to: string) =>
  async (failure: unknown): Promise<Changed> => {
    if (!(failure instanceof ProviderFailure) || failure.kind !== "malformed") throw failure;
    const seen = await readGroup(group).catch(ignoreFailure);
    if (!seen || !isSameName(seen.displayName, to)) throw failure;
    return { unconfirmed: [] };
  };

/** The way that is looked at says that another group has the name: a person has to know. */
const unlessTaken = (failure: unknown): undefined => {
  if (failure instanceof ProviderFailure && failure.kind === "conflict") throw failure;
  return ignoreFailure(failure);
};

type Way = "path" | "pathless" | "put";

const mayEmpty = ({ renames }: UpdateMethod, way: Way): boolean =>
  (renames[way] ?? (way === "pathless" ? "empties" : "keeps")) === "empties";

/**
 * Who was in the group before and, as a read confirms, is not any longer. Of one that shows nobody these are all who are
 * in it without a doubt, unless it showed nobody before either; of one that shows some, it may show some alone. An answer
 * that shows no members is followed by a read, until one has shown that groups renamed in this way keep them. The rename
 * has marked the group as managed, where requests do so, and reading it adds nothing to that.
 */
const lostMembers = async (
  group: Target,
  { shown }: Changed,
  { before, way }: { before: string[] | undefined; way: Way },
): Promise<string[]> => {
  const { renames } = group.method;
  const answered = shown && isSameId(shown.id, group.id) ? membersShownIn(shown.resource) : undefined;
  if (!group.profile.readsMembers || (answered === undefined && renames[way] === "keeps")) return [];
  const missingIn = async (members: string[]): Promise<string[]> => {
    const isEmptied = members.length === 0 && before?.length !== 0;
    const due = [...(before ?? []), ...((isEmptied && (await group.known?.("sure"))) || [])];
    const missing = [...new Set(due)].filter((one) => !members.includes(one));
    if (missing.length === 0 && members.length > 0) renames[way] = "keeps";
    return missing;
  };
  if (answered && (await missingIn(answered)).length === 0) return [];
  const members = (await lookAtMembers(group)) ?? answered;
  const missing = members ? await missingIn(members) : [];
  if (missing.length > 0) renames[way] = "empties";
  return missing;
};
