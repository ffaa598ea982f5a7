import { toUserView } from "../../directory/save-user.ts";
import type { SavedUser } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { UserLink } from "../../model/link.ts";
import type { SavedUserView } from "../../model/views.ts";
import type { Page, PageOf } from "../ports/link-store.ts";
import type { Ports } from "../ports/ports.ts";
import { userState } from "../users/user-state.ts";

/** The saved user and every integration that holds or held them. @throws Failure `not-found` */
export const getUser = async (ports: Ports, userId: string): Promise<SavedUserView> => {
  const [saved, links] = await Promise.all([ports.users.read(userId), ports.userLinks.ofObject(userId)]);
  if (!saved || saved.deleted) throw new Failure("not-found", `The directory has no user ${userId}.`);
  const integrations = await Promise.all(links.map((link) => toHolding(ports, link, saved)));
  return { ...toUserView(saved), integrations: integrations.flat() };
};

const toHolding = async (ports: Ports, link: UserLink, saved: SavedUser) => {
  const integration = (await ports.integrations.read(link.integrationId))?.integration;
  if (!integration || integration.status === "deleted") return [];
  const active = link.observed.pushed?.active;
  return [
    {
      integrationId: link.integrationId,
      state: userState(integration, ports.profileOf(integration), link, saved),
      ...(typeof active === "boolean" && { active }),
      direct: link.assignment.direct,
      groups: link.assignment.groups,
    },
  ];
};

/** Saved users, all or those of one e-mail. */
export const listUsers = async (
  ports: Ports,
  page: Page & { email?: string },
): Promise<PageOf<SavedUserView>> => {
  const { items, nextCursor } = await ports.users.list(page);
  return { items: items.map(toUserView), ...(nextCursor && { nextCursor }) };
};
