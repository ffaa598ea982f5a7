import { encodeCursor, type Page, type PageOf } from "../../common/cursor.ts";
import { fillPage } from "../../common/fill-page.ts";
import { beginsWith, isSameName } from "../../common/names.ts";
import { liveOwners, ownerView } from "../../directory/live-owners.ts";
import { existingGroup, toGroupView } from "../../directory/save-group.ts";
import type { SavedGroup } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { DirectoryMember, SavedGroupView } from "../../model/views.ts";
import { presentIntegration } from "../attempts/require-integration.ts";
import { groupState, isLetGo } from "../memberships/group-state.ts";
import { groupsList, membersList } from "../ports/list-names.ts";
import type { Ports } from "../ports/ports.ts";

/**
 * The saved group and every integration that it is or was bound to. One that has ended is there until nothing is left
 * to do in any of them.
 * @throws Failure `not-found`
 */
export const getGroup = async (ports: Ports, groupId: string): Promise<SavedGroupView> => {
  const [saved, links] = await Promise.all([ports.groups.read(groupId), ports.groupLinks.ofObject(groupId)]);
  const shown = await Promise.all(
    links.map(async (link) => {
      const integration = await presentIntegration(ports, link.integrationId);
      if (!integration) return [];
      const { integrationId, assignment } = link;
      return [{ integrationId, state: groupState(integration, link, saved), bound: assignment.bound, link }];
    }),
  );
  const held = shown.flat();
  if (!saved || (saved.deleted && held.every(({ link }) => isLetGo(link))))
    throw new Failure("not-found", `The directory has no group ${groupId}.`);
  const integrations = held.map(({ link: _, ...one }) => one);
  const isLive = await liveOwners(ports, [saved.source]);
  const owned = isLive(saved.source) && ownerView(saved.source, "displayName");
  return { ...(await toGroupView(ports, saved)), ...owned, integrations };
};

/** Saved groups by id: all, those of one name, or those whose name begins so. */
export const listGroups = async (
  ports: Ports,
  { name, q, ...page }: Page & { name?: string; q?: string },
): Promise<PageOf<SavedGroupView>> =>
  fillPage(page, {
    read: (part) => ports.groups.list(part),
    show: async (groups) => {
      const isLive = await liveOwners(
        ports,
        groups.map(({ source }) => source),
      );
      const show = async (saved: SavedGroup) => ({
        ...(await toGroupView(ports, saved)),
        ...(isLive(saved.source) && ownerView(saved.source, "displayName")),
      });
      return Promise.all(
        groups.map(async (saved) => {
          const isNamed = name === undefined || isSameName(saved.name, name);
          return isNamed && (q === undefined || beginsWith(saved.name, q)) ? show(saved) : undefined;
        }),
      );
    },
    cursorAt: ({ groupId }) => encodeCursor(groupsList, groupId),
    isFiltered: name !== undefined || q !== undefined,
    now: () => ports.clock.now(),
  });

/** The members of a saved group, by userId. @throws Failure `not-found` */
export const listSavedMembers = async (
  ports: Ports,
  groupId: string,
  page: Page,
): Promise<PageOf<DirectoryMember>> => {
  const saved = existingGroup(await ports.groups.read(groupId), groupId);
  return fillPage(page, {
    read: (part) => ports.groups.page(saved, part),
    show: async (listed) =>
      listed.map(({ userId, since, member }) => (member ? { userId, since } : undefined)),
    cursorAt: ({ userId }) => encodeCursor(membersList(groupId), userId),
    isFiltered: true,
    now: () => ports.clock.now(),
  });
};
