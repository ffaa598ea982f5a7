import { encodeCursor, type Page, type PageOf } from "../../common/cursor.ts";
import { fillPage } from "../../common/fill-page.ts";
import { toUserView } from "../../directory/save-user.ts";
import type { SavedUser } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { UserLink } from "../../model/link.ts";
import type { SavedUserView } from "../../model/views.ts";
import { shownState } from "../../model/work.ts";
import { presentIntegration } from "../attempts/require-integration.ts";
import { usersList } from "../ports/list-names.ts";
import type { Ports } from "../ports/ports.ts";
import { isGone } from "../users/is-gone.ts";
import { userState } from "../users/user-state.ts";

/**
 * The saved user and every integration that holds or held them. Who left the directory is there until the leaver call
 * has nothing left to do in any integration.
 * @throws Failure `not-found`
 */
export const getUser = async (ports: Ports, userId: string): Promise<SavedUserView> => {
  const [saved, links] = await Promise.all([ports.users.read(userId), ports.userLinks.ofObject(userId)]);
  const held = saved ? (await Promise.all(links.map((link) => toHolding(ports, link, saved)))).flat() : [];
  if (!saved || (saved.deleted && held.every(({ isGone }) => isGone)))
    throw new Failure("not-found", `The directory has no user ${userId}.`);
  return { ...toUserView(saved), integrations: held.map(({ shown }) => shown) };
};

const toHolding = async (ports: Ports, link: UserLink, saved: SavedUser) => {
  const integration = await presentIntegration(ports, link.integrationId);
  if (!integration) return [];
  const { assignment, observed } = link;
  const active = observed.pushed?.active;
  const shown = {
    integrationId: link.integrationId,
    ...shownState(link, userState(integration, ports.profileOf(integration), link, saved)),
    ...(typeof active === "boolean" && { active }),
    direct: assignment.direct,
    groups: assignment.groups,
  };
  return [{ shown, isGone: isGone({ ports, integration }, link, saved) }];
};

/** Saved users, all or those of one e-mail. */
export const listUsers = async (
  ports: Ports,
  { email, ...page }: Page & { email?: string },
): Promise<PageOf<SavedUserView>> =>
  fillPage(page, {
    read: (part) => ports.users.list({ ...part, ...(email !== undefined && { email }) }),
    show: async (users) => users.map(toUserView),
    cursorAt: ({ userId }) => encodeCursor(usersList(email), userId),
    isFiltered: email !== undefined,
    now: () => ports.clock.now(),
  });
