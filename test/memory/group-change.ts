import { membershipAt } from "../../shared/aws/directory/member-item.ts";
import type { SavedGroup } from "../../shared/model/directory.ts";
import { Failure } from "../../shared/model/failure.ts";
import { changeMarkDays, type GroupChange } from "../../shared/provisioning/ports/directory-store.ts";
import type { GroupItem, GroupItems } from "./group-items.ts";
import type { Request } from "./request.ts";

type Tools = { items: GroupItems; request: Request; now: () => number };

const leaseMs = 40_000;
const dayMs = 86_400_000;

/**
 * One change of a group in three requests: hold it and be given a version, write members under that version, make the
 * version count. Until the last one the group stays as it was; a change that dies before is passed over.
 */
export const changeGroup = async (
  tools: Tools,
  groupId: string,
  base: number,
  change: GroupChange,
): Promise<SavedGroup> => {
  const { items, request, now } = tools;
  const updatedAt = new Date(now()).toISOString();
  const hold = await request(`hold group ${groupId}`, () => take(tools, groupId, base));
  const held = (): GroupItem => {
    const item = items.get(groupId);
    if (item?.changing?.id !== hold) throw refused("Another change of this group came first. Call again.");
    return item;
  };
  try {
    if (change.add.length + change.remove.length > 0)
      await request(`write members of ${groupId}`, () =>
        writeMembers(held(), hold, change, { updatedAt, now: now() }),
      );
    return await request(`change group ${groupId}`, () => {
      const item = held();
      const { name, asked, changed } = change;
      const kept = { ...(asked && { asked }), ...(changed && { changed }) };
      item.saved = { groupId, name, version: hold, updatedAt, ...kept };
      delete item.changing;
      for (const userId of change.remove) {
        const left = item.members.get(userId);
        if (left && left.version === hold && !left.present) left.expiresAt = now() + changeMarkDays * dayMs;
      }
      return { ...item.saved };
    });
  } catch (error) {
    const release = () => {
      const item = items.get(groupId);
      if (item?.changing?.id !== hold) return;
      item.voided.push(hold);
      delete item.changing;
    };
    await request(`let group ${groupId} go`, release).catch(() => undefined);
    throw error;
  }
};

/** The version that the change is given. */
const take = ({ items, now }: Tools, groupId: string, base: number): number => {
  const fresh: GroupItem = {
    saved: { groupId, name: "", version: 0, updatedAt: "" },
    highest: 0,
    voided: [],
    members: new Map(),
    marks: [],
  };
  const item = items.get(groupId) ?? fresh;
  if (item.saved.version !== base) throw refused("Another change of this group came first. Call again.");
  if (item.changing && item.changing.leaseUntil >= now())
    throw refused("Another change of this group is under way. Call again.");
  if (item.changing) item.voided.push(item.changing.id);
  item.highest += 1;
  item.changing = { id: item.highest, leaseUntil: now() + leaseMs };
  items.set(groupId, item);
  return item.highest;
};

const writeMembers = (
  item: GroupItem,
  version: number,
  change: GroupChange,
  at: { updatedAt: string; now: number },
): void => {
  const { members, marks, voided, saved } = item;
  const wanted = new Map([
    ...change.remove.map((userId) => [userId, false] as const),
    ...change.add.map((userId) => [userId, true] as const),
  ]);
  for (const [userId, present] of wanted) {
    const before = membershipAt(members.get(userId), saved.version, voided);
    if (before.member === present) continue;
    const previous = {
      previousPresent: before.member,
      ...(before.since !== undefined && { previousSince: before.since }),
    };
    members.set(userId, { userId, version, present, since: at.updatedAt, ...previous });
    if (saved.version > 0) marks.push({ version, userId, expiresAt: at.now + (changeMarkDays + 1) * dayMs });
  }
};

const refused = (detail: string): Failure =>
  new Failure("attempt-in-progress", detail, { retryAfterSeconds: 1 });
