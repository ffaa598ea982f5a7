import type { SavedGroup } from "../../model/directory.ts";
import { isLetIn } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { GroupLink } from "../../model/link.ts";
import { isHeldBack } from "../attempts/is-sendable.ts";
import type { GroupLook } from "../memberships/group-look.ts";
import type { GroupChange } from "../ports/directory-store.ts";
import type { Context, Ports } from "../ports/ports.ts";
import { bindHeld, lookAtGroup, surplusIn } from "../remote-groups/look-at-group.ts";
import { type Asked, takenOutSince } from "./taken-out-since.ts";

/** What is to become of people who are in a group that is there already, and are no members here. */
export type Existing = "keep" | "replace";
/** `asked`: when, and at which version of the group: who was taken out since is not kept. */
export type ExistingAsked = {
  existing?: Existing | undefined;
  confirm?: number | undefined;
  asked?: Asked | undefined;
};
/** `mayTakeOut`: how many of them may be taken out. */
export type FirstBind = { change: GroupChange; look?: GroupLook; mayTakeOut?: number | undefined };

/**
 * What a first bind of the group is to change in the directory, after a look at the provider. `looked` keeps the look for
 * the next time, should another change of the group come first.
 * @throws Failure `deprovisions-held` where it would take people out of a group that is there already
 */
export const planFirstBind = async (
  context: Context,
  { link, base, change }: { link: GroupLink; base: SavedGroup | undefined; change: GroupChange },
  { existing, confirm, asked }: ExistingAsked,
  looked: { there?: Awaited<ReturnType<typeof lookAtGroup>> | undefined },
): Promise<FirstBind> => {
  const { ports } = context;
  if (link.observed.remoteId !== undefined || link.attempt) return { change };
  // A group of which nobody is pushed is not looked for, unless its members are to come from there.
  if (existing !== "keep" && !(await hasSomebody(ports, base, change))) return { change };
  looked.there ??= await lookAtGroup(context, link, change.name).catch((error: unknown) => {
    if (error instanceof Failure && isHeldBack(error)) return undefined;
    throw error;
  });
  // Nothing may be sent yet: the attempt meets who is there.
  if (!looked.there) return { change };
  const { look, userIds } = looked.there;
  const members = base
    ? await ports.groups.membersAmong(base.groupId, base.version, userIds)
    : new Set<string>();
  for (const userId of change.remove) members.delete(userId);
  for (const userId of change.add) members.add(userId);
  const surplus = await surplusIn(ports, userIds, (userId) => members.has(userId));
  // One that the provider hides until it is to be created is met by the attempt.
  const mayTakeOut = existing === "replace" ? confirm : undefined;
  if (surplus.length === 0 || surplus.length === mayTakeOut) return { change, look, mayTakeOut };
  if (existing === "keep") {
    const all = surplus.map(({ userId }) => userId);
    const gone = asked ? await takenOutSince(context, base, all, asked) : new Set<string>();
    const kept = new Set(all.filter((userId) => !gone.has(userId)));
    const remove = change.remove.filter((userId) => !kept.has(userId));
    // Those who are known as its members before are asked for no more.
    const noted = await ports.pushedMembers.among(link.integrationId, link.id, [...gone]);
    const add = [...change.add, ...kept];
    return { change: { ...change, add, remove }, look, mayTakeOut: gone.size - noted.size };
  }
  throw bindHeld(change.name, surplus);
};

/** Whether the group, once it is changed so, has a member who may have an account. */
const hasSomebody = async (
  { users, groups }: Pick<Ports, "users" | "groups">,
  base: SavedGroup | undefined,
  { add, remove }: GroupChange,
): Promise<boolean> => {
  const gone = new Set(remove);
  const isAny = async (userIds: string[]) => [...(await users.readMany(userIds)).values()].some(isLetIn);
  if (await isAny(add.slice(0, 100))) return true;
  if (add.length > 100 && (await isAny(add.slice(100)))) return true;
  for await (const page of base ? groups.members(base.groupId, base.version) : [])
    if (await isAny(page.filter((userId) => !gone.has(userId)))) return true;
  return false;
};
