import type { SavedGroup, SavedUser } from "../../model/directory.ts";
import type { GroupLink, UserLink } from "../../model/link.ts";
import type { Membership } from "./directory-store.ts";
import type { IntegrationRow } from "./integration-store.ts";

/**
 * What a call about one user or group begins with, in one request. Each item is strongly consistent, but the items are
 * not of one moment, and in no order: before anything is sent, the directory's item has to be later than the link.
 */
export type CallReads = {
  user(integrationId: string, userId: string): Promise<InitialReads<SavedUser, UserLink>>;
  /** With what is known of these users, by id, members or not. */
  group(
    integrationId: string,
    groupId: string,
    userIds?: string[],
  ): Promise<InitialReads<SavedGroup, GroupLink> & { users: Map<string, UserReads & Membership> }>;
  /** Many users, by id. */
  users(integrationId: string, userIds: string[]): Promise<Map<string, UserReads>>;
};
export type UserReads = { saved: SavedUser | undefined; link: UserLink | undefined };
type InitialReads<S, L> = {
  row: IntegrationRow | undefined;
  saved: S | undefined;
  link: L | undefined;
};
