import { encodeCursor, type Page, type PageOf } from "../../common/cursor.ts";
import { fillPage } from "../../common/fill-page.ts";
import { beginsWith } from "../../common/names.ts";
import { liveOwners, ownerView } from "../../directory/live-owners.ts";
import { toUserView } from "../../directory/save-user.ts";
import type { SavedUser } from "../../model/directory.ts";
import { Failure } from "../../model/failure.ts";
import type { SavedUserView, UserApplications } from "../../model/views.ts";
import { shownState } from "../../model/work.ts";
import { isInScope } from "../assignments/assignment.ts";
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
  const { saved, held } = await readHeld(ports, userId);
  const integrations = held.map(({ integration, link }) => {
    const { assignment, observed } = link;
    const active = observed.pushed?.active;
    return {
      integrationId: integration.integrationId,
      ...shownState(link, userState(integration, ports.profileOf(integration), link, saved)),
      ...(typeof active === "boolean" && { active }),
      direct: assignment.direct,
      groups: assignment.groups,
    };
  });
  const isLive = await liveOwners(ports, [saved.source]);
  return {
    ...toUserView(saved),
    ...(isLive(saved.source) && ownerView(saved.source, "userName")),
    integrations,
  };
};

/**
 * The applications in which the user has an account, or is to have one.
 * @throws Failure `not-found`, as `getUser`
 */
export const listUserApplications = async (ports: Ports, userId: string): Promise<UserApplications> => {
  const { held } = await readHeld(ports, userId);
  const theirs = held.filter(
    ({ link: { assignment, observed } }) => isInScope(assignment) || observed.remoteId,
  );
  return {
    items: theirs.map(({ integration: { integrationId, application }, link: { observed } }) => {
      const { name, displayLabel, bookmarkUrl } = application;
      return {
        ...{ integrationId, name },
        ...(displayLabel !== undefined && { displayLabel }),
        ...(bookmarkUrl !== undefined && { bookmarkUrl }),
        active: observed.remoteId !== undefined && observed.pushed?.active === true,
      };
    }),
  };
};

const readHeld = async (ports: Ports, userId: string) => {
  const [saved, links] = await Promise.all([ports.users.read(userId), ports.userLinks.ofObject(userId)]);
  const read = links.map(async (link) => {
    const integration = await presentIntegration(ports, link.integrationId);
    return integration ? [{ integration, link }] : [];
  });
  const held = (await Promise.all(read)).flat();
  const isOver =
    !saved ||
    (saved.deleted && held.every(({ integration, link }) => isGone({ ports, integration }, link, saved)));
  if (isOver) throw new Failure("not-found", `The directory has no user ${userId}.`);
  return { saved, held };
};

/** Saved users: all, those of one e-mail, or those of whom a name, the username or an address begins so. */
export const listUsers = async (
  ports: Ports,
  { email, q, ...page }: Page & { email?: string; q?: string },
): Promise<PageOf<SavedUserView>> =>
  fillPage(page, {
    read: (part) => ports.users.list({ ...part, ...(email !== undefined && { email }) }),
    show: async (users) => {
      const isLive = await liveOwners(
        ports,
        users.map(({ source }) => source),
      );
      return users.map((saved) =>
        q === undefined || isFound(saved, q)
          ? { ...toUserView(saved), ...(isLive(saved.source) && ownerView(saved.source, "userName")) }
          : undefined,
      );
    },
    cursorAt: ({ userId }) => encodeCursor(usersList(email), userId),
    isFiltered: email !== undefined || q !== undefined,
    now: () => ports.clock.now(),
  });

const isFound = ({ user }: SavedUser, q: string): boolean => {
  const { firstname, lastname, displayname, username, email, alternateEmail } = user;
  const whole = [firstname, lastname].filter(Boolean).join(" ");
  const texts = [whole, firstname, lastname, displayname, username, email, alternateEmail];
  return texts.some((text) => text !== undefined && beginsWith(text, q));
};
