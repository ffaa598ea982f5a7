import type { SavedGroup, SavedUser } from "../../model/directory.ts";
import type { GroupLink, UserLink } from "../../model/link.ts";
import type { IntegrationRow } from "./integration-store.ts";

/**
 * What a call about one user or group begins with, in one request. Each item is strongly consistent, but the items are
 * not of one moment, and in no order: before anything is sent, the directory's item has to be later than the link.
 */
export type CallReads = {
  user(integrationId: string, userId: string): Promise<InitialReads<SavedUser, UserLink>>;
  group(integrationId: string, groupId: string): Promise<InitialReads<SavedGroup, GroupLink>>;
};
export type InitialReads<S, L> = {
  row: IntegrationRow | undefined;
  saved: S | undefined;
  link: L | undefined;
};
