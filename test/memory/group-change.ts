import { everybody, membershipAt } from "../../shared/aws/directory/member-item.ts";
import type { Request } from "../../shared/memory/request.ts";
import type { SavedGroup } from "../../shared/model/directory.ts";
import { traceOf } from "../../shared/model/directory-change.ts";
import { Failure } from "../../shared/model/failure.ts";
import { ownerAfter } from "../../shared/model/owner.ts";
import { changeMarkDays, type GroupChange } from "../../shared/provisioning/ports/directory-store.ts";
import type { GroupItem, GroupItems } from "./group-items.ts";

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
    let grown = 0;
    if (change.ends || change.add.length + change.remove.length > 0)
      await request(`write members of ${groupId}`, () => {
        grown = writeMembers(held(), hold, change, { updatedAt, now: now() });
      });
    return await request(`change group ${groupId}`, () => {
      const item = held();
      const { name, ends } = change;
      const source = ownerAfter(item.saved.source, ends ? null : change.source);
      const memberCount = ends ? 0 : (item.saved.memberCount ?? 0) + grown;
      if (ends) item.ended = { version: hold, at: updatedAt };
      item.saved = {
        ...{ groupId, name, version: hold, updatedAt, memberCount },
        ...(ends && { deleted: true }),
        ...(source && { source }),
        ...traceOf(change),
      };
      delete item.changing;
      for (const userId of change.remove) {
        const left = item.members.get(userId);
        if (left && left.version === hold && !left.present) left.expiresAt = now() + changeMarkDays * dayMs;
      }
      return withMembers(item, hold);
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

/** As it is answered, with who joined and left. */
const withMembers = ({ saved, members }: GroupItem, version: number): SavedGroup => {
  if (!saved.unrecorded) return { ...saved };
  const changed = [...members.values()].filter((item) => item.version === version);
  const idsOf = (present: boolean) =>
    changed.filter((item) => item.present === present).map(({ userId }) => userId);
  return {
    ...saved,
    unrecorded: { ...saved.unrecorded, members: { added: idsOf(true), removed: idsOf(false) } },
  };
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
): number => {
  const { members, marks, saved } = item;
  const mark = (userId: string) =>
    marks.push({ version, userId, expiresAt: at.now + (changeMarkDays + 1) * dayMs });
  if (change.ends) mark(everybody);
  let grown = 0;
  const wanted = new Map([
    ...change.remove.map((userId) => [userId, false] as const),
    ...change.add.map((userId) => [userId, true] as const),
  ]);
  for (const [userId, present] of wanted) {
    const before = membershipAt(members.get(userId), saved.version, item);
    if (before.member === present) continue;
    grown += present ? 1 : -1;
    const previous = {
      previousPresent: before.member,
      ...(before.since !== undefined && { previousSince: before.since }),
    };
    members.set(userId, { userId, version, present, since: at.updatedAt, ...previous });
    if (saved.version > 0) mark(userId);
  }
  return grown;
};

const refused = (detail: string): Failure =>
  new Failure("attempt-in-progress", detail, { retryAfterSeconds: 1 });
