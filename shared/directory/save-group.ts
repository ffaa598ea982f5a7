import type { SavedGroup } from "../model/directory.ts";
import { Failure } from "../model/failure.ts";
import type { ChangeMembersInput, GroupInput } from "../model/inputs.ts";
import type { SavedGroupView } from "../model/views.ts";
import type { GroupChange } from "../provisioning/ports/directory-store.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import { changeDirectoryGroup, requireKnown } from "./change-directory-group.ts";
import type { RecordingPorts } from "./record-change.ts";

type Groups = Pick<Ports, "groups">;
type Asking = {
  ports: RecordingPorts & Pick<Ports, "users" | "groupLinks" | "pushedMembers">;
  call: Call;
};

/**
 * Save a directory group; binds nothing. Saving what is saved already writes nothing, and one that has ended is made anew.
 * The view has `saving` where that takes longer than the call, and goes on by itself.
 * @throws Failure `unknown-members`
 */
export const saveGroup = async (
  asking: Asking,
  groupId: string,
  input: GroupInput,
): Promise<SavedGroupView> => {
  const { ports } = asking;
  return viewOfChange(ports, { groupId, name: input.name }, async () => {
    const saved = await changeDirectoryGroup(asking, groupId, async (base) => {
      const change = await changeTo(ports, groupId, base, input);
      await requireKnown(ports, change.add);
      return isChange(base, change) ? change : undefined;
    });
    return existingGroup(saved, groupId);
  });
};

/**
 * Add and remove members, whatever the size of the group. Who is a member, or is none, already is left as they are.
 * @throws Failure `not-found`, `unknown-members`
 */
export const changeSavedMembers = async (
  asking: Asking,
  groupId: string,
  { add = [], remove = [] }: ChangeMembersInput,
): Promise<SavedGroupView> => {
  const { ports } = asking;
  const change = async (base: SavedGroup | undefined): Promise<GroupChange | undefined> => {
    const { name, version } = existingGroup(base, groupId);
    await requireKnown(ports, add);
    const there = await ports.groups.membersAmong(groupId, version, [...add, ...remove]);
    const change = {
      name,
      add: add.filter((userId) => !there.has(userId)),
      remove: remove.filter((userId) => there.has(userId)),
    };
    return isChange(base, change) ? change : undefined;
  };
  const saved = async () => existingGroup(await changeDirectoryGroup(asking, groupId, change), groupId);
  return viewOfChange(ports, { groupId, name: groupId }, saved);
};

/** The group after a change, or before one that goes on by itself. */
const viewOfChange = async (
  ports: RecordingPorts & Groups,
  { groupId, name }: { groupId: string; name: string },
  change: () => Promise<SavedGroup>,
): Promise<SavedGroupView> => {
  try {
    return await viewOfSaved(ports, await change());
  } catch (error) {
    const saving = error instanceof Failure ? error.extras.saving : undefined;
    if (!saving) throw error;
    const before = await ports.groups.read(groupId);
    if (before) return { ...(await toGroupView(ports, before)), saving };
    const updatedAt = new Date(ports.clock.now()).toISOString();
    return { groupId, name, version: 0, updatedAt, memberCount: 0, saving };
  }
};

/** A group that has no count yet is counted once. */
const viewOfSaved = async (ports: Groups, saved: SavedGroup): Promise<SavedGroupView> => {
  const view = await toGroupView(ports, saved);
  if (saved.memberCount === undefined) await ports.groups.noteCount(saved, view.memberCount);
  return view;
};

/** What makes the group what it is to be; without `members` the saved ones stay. */
export const changeTo = async (
  { groups }: Groups,
  groupId: string,
  base: SavedGroup | undefined,
  { name, members }: { name: string; members?: string[] | undefined },
): Promise<GroupChange> => {
  if (!members) return { name, add: [], remove: [] };
  const wanted = new Set(members);
  const remove: string[] = [];
  for await (const page of base ? groups.members(groupId, base.version) : [])
    for (const userId of page) if (!wanted.delete(userId)) remove.push(userId);
  return { name, add: [...wanted], remove };
};

/** Whether there is anything to write. */
export const isChange = (base: SavedGroup | undefined, { name, add, remove }: GroupChange): boolean =>
  !base || base.deleted === true || base.name !== name || add.length > 0 || remove.length > 0;

/** @throws Failure `not-found` where there is none, or it has ended */
export const existingGroup = (saved: SavedGroup | undefined, groupId: string): SavedGroup => {
  if (saved && !saved.deleted) return saved;
  throw new Failure("not-found", `The directory has no group ${groupId}.`);
};

export const toGroupView = async ({ groups }: Groups, saved: SavedGroup): Promise<SavedGroupView> => {
  const { groupId, name, version, updatedAt, memberCount, deleted, saving } = saved;
  return {
    ...{ groupId, name, version, updatedAt },
    memberCount: memberCount ?? (await countMembers(groups, saved)),
    // Nothing changes a group that has ended but to make it anew.
    ...(deleted && { deletedAt: updatedAt }),
    ...(saving && { saving }),
  };
};

const countMembers = async (groups: Ports["groups"], { groupId, version }: SavedGroup): Promise<number> => {
  let count = 0;
  for await (const page of groups.members(groupId, version)) count += page.length;
  return count;
};
