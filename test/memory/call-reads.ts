import type {
  GroupAssignment,
  GroupObserved,
  UserAssignment,
  UserObserved,
} from "../../shared/model/link.ts";
import type { CallReads } from "../../shared/provisioning/ports/call-reads.ts";
import type { IntegrationRow } from "../../shared/provisioning/ports/integration-store.ts";
import type { GroupItems } from "./group-items.ts";
import { savedIn } from "./group-store.ts";
import type { IntegrationItems } from "./integration-store.ts";
import { itemKey, type LinkItems } from "./link-store.ts";
import { copyOf, type Request } from "./request.ts";
import type { UserItems } from "./user-store.ts";

type Items = {
  integrations: IntegrationItems;
  users: UserItems;
  groups: GroupItems;
  userLinks: LinkItems<UserAssignment, UserObserved>;
  groupLinks: LinkItems<GroupAssignment, GroupObserved>;
};

/** Integration, directory object and link, each as it is at a moment of its own, as a batch of reads has them. */
export const memoryCallReads = (items: Items, request: Request): CallReads => {
  const rowOf = (integrationId: string) => {
    const item = items.integrations.get(integrationId);
    if (!item) return undefined;
    const { rev: _, ...row } = item;
    return copyOf(row);
  };
  const all = async <S, L>(
    about: string,
    read: { row: () => IntegrationRow | undefined; saved: () => S | undefined; link: () => L | undefined },
  ) => {
    const [row, saved, link] = await Promise.all([
      request(`read row with ${about}`, read.row),
      request(`read ${about} in a batch`, read.saved),
      request(`read link of ${about} in a batch`, read.link),
    ]);
    return { row, saved, link };
  };
  return {
    user: (integrationId, id) =>
      all(`user ${id}`, {
        row: () => rowOf(integrationId),
        saved: () => copyOf(items.users.get(id)),
        link: () => copyOf(items.userLinks.get(itemKey({ integrationId, id }))),
      }),
    group: (integrationId, id) =>
      all(`group ${id}`, {
        row: () => rowOf(integrationId),
        saved: () => savedIn(items.groups.get(id)),
        link: () => copyOf(items.groupLinks.get(itemKey({ integrationId, id }))),
      }),
  };
};
