import { concurrently } from "../common/concurrently.ts";
import type { Page, PageOf } from "../common/cursor.ts";
import type { SavedGroup, SavedUser } from "../model/directory.ts";
import type { OwnedObject } from "../provisioning/ports/owned-store.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import type { ObjectRef } from "../provisioning/ports/work-index.ts";

/** No call lasts as long: a note of an object that is not the source's after that was left behind. */
const voidAfterMs = 60_000;
const groupsAtOnce = 16;

/**
 * Users of a source in the order of their ids, as they are now. A page may hold fewer than its limit where more follow. Notes of
 * those that are the source's no longer are taken away on the way.
 * @throws Failure `invalid-cursor`
 */
export const listOwnedUsers = (
  ports: Pick<Ports, "owned" | "users" | "clock">,
  sourceId: string,
  page: Page,
): Promise<PageOf<SavedUser>> =>
  listOwned(ports, { sourceId, kind: "user" }, page, async (ids) => {
    const saved = await ports.users.readMany(ids);
    return ids.map((id) => saved.get(id));
  });

/** The same of groups. */
export const listOwnedGroups = (
  ports: Pick<Ports, "owned" | "groups" | "clock">,
  sourceId: string,
  page: Page,
): Promise<PageOf<SavedGroup>> =>
  listOwned(ports, { sourceId, kind: "group" }, page, (ids) =>
    concurrently(ids, groupsAtOnce, (id) => ports.groups.read(id)),
  );

const listOwned = async <T extends SavedUser | SavedGroup>(
  { owned, clock }: Pick<Ports, "owned" | "clock">,
  { sourceId, kind }: { sourceId: string; kind: ObjectRef["kind"] },
  page: Page,
  readAll: (ids: string[]) => Promise<(T | undefined)[]>,
): Promise<PageOf<T>> => {
  const { items, ...rest } = await owned.list(sourceId, kind, page);
  const read = await readAll(items.map(({ id }) => id));
  const isTheirs = (saved: T | undefined): saved is T =>
    saved !== undefined && !saved.deleted && saved.source?.sourceId === sourceId && !saved.source.left;
  const isLeft = ({ at }: OwnedObject, index: number) =>
    at <= clock.now() - voidAfterMs && !isTheirs(read[index]);
  for (const { id, at } of items.filter(isLeft))
    await owned.forget(sourceId, { kind, id }, at).catch(() => undefined);
  return { ...rest, items: read.filter(isTheirs) };
};
