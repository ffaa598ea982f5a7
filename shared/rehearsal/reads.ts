import type { SavedGroup, SavedUser } from "../model/directory.ts";
import type { GroupLink, UserLink } from "../model/link.ts";
import type { CallReads, UserReads } from "../provisioning/ports/call-reads.ts";
import type { Membership } from "../provisioning/ports/directory-store.ts";
import type { LinkKey } from "../provisioning/ports/link-store.ts";
import type { Ports } from "../provisioning/ports/ports.ts";

type Noted<L, S> = {
  link(key: LinkKey, link: L | undefined): void;
  saved(id: string, saved: S | undefined): void;
};
type Notes = {
  user: Noted<UserLink, SavedUser>;
  group: Noted<GroupLink, SavedGroup> & {
    membershipOf(groupId: string, userId: string, known: Membership): Membership;
  };
};
type Stores = Pick<Ports, "integrations" | "users" | "groups" | "userLinks" | "groupLinks">;

/** What a call begins with, as it is, in as few requests; what is known already is as it would be. */
export const rehearsedReads = (real: CallReads, { user, group }: Notes, stores: Stores): CallReads => {
  const noteUser = (key: LinkKey, { saved, link }: UserReads): void => {
    user.saved(key.id, saved);
    user.link(key, link);
  };
  const readUser = async (key: LinkKey): Promise<UserReads> => {
    const [saved, link] = await Promise.all([stores.users.read(key.id), stores.userLinks.read(key)]);
    return { saved, link };
  };
  return {
    async user(integrationId, id) {
      const key = { integrationId, id };
      noteUser(key, await real.user(integrationId, id));
      return { row: await stores.integrations.read(integrationId), ...(await readUser(key)) };
    },
    async users(integrationId, userIds) {
      const read = await real.users(integrationId, userIds);
      for (const [id, one] of read) noteUser({ integrationId, id }, one);
      const now = userIds.map(async (id) => [id, await readUser({ integrationId, id })] as const);
      return new Map(await Promise.all(now));
    },
    async group(integrationId, id, userIds) {
      const read = await real.group(integrationId, id, userIds);
      const key = { integrationId, id };
      group.saved(id, read.saved);
      group.link(key, read.link);
      const [saved, link] = await Promise.all([stores.groups.read(id), stores.groupLinks.read(key)]);
      const users = [...read.users].map(async ([userId, one]) => {
        const at = { integrationId, id: userId };
        noteUser(at, one);
        const { saved: _, link: __, ...known } = one;
        return [userId, { ...(await readUser(at)), ...group.membershipOf(id, userId, known) }] as const;
      });
      const row = await stores.integrations.read(integrationId);
      return { row, saved, link, users: new Map(await Promise.all(users)) };
    },
  };
};
