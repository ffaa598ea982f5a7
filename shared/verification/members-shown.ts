import { allPages } from "../common/all-pages.ts";
import type { Context } from "../provisioning/ports/ports.ts";
import type { ServiceProvider, ShownGroup } from "../provisioning/ports/service-provider.ts";
import { boundThere } from "./bound-there.ts";

/**
 * Whether the service provider shows who is in a group at all. An answer without members is that of an empty group, or of a
 * provider that hides them: other groups of ours that have members tell which.
 */
export type MembersShown = {
  /** Those of a list, or one that was read. */
  note(shown: ShownGroup[]): void;
  /** A group other than this one is read, where it is not known. @throws ProviderFailure */
  isSure(groupId: string): Promise<boolean>;
  /** As far as it is known. */
  known(): boolean | undefined;
};

const mostRead = 5;
const pageSize = 100;

/** `known`: as it was found before. */
export const membersShown = (
  context: Context,
  provider: ServiceProvider,
  known?: boolean | undefined,
): MembersShown => {
  let answer = known;
  let looking: Promise<boolean> | undefined;
  return {
    note(shown) {
      if (shown.some(({ members, isSilent }) => members && !isSilent)) answer = true;
    },
    async isSure(groupId) {
      if (answer !== undefined) return answer;
      looking ??= isShownOfOthers(context, provider, groupId);
      const isShown = await looking;
      answer ??= isShown;
      return answer;
    },
    known: () => answer,
  };
};

const isShownOfOthers = async (
  { ports, integration }: Context,
  provider: ServiceProvider,
  groupId: string,
): Promise<boolean> => {
  let read = 0;
  const { integrationId } = integration;
  for await (const page of allPages((part) => ports.groupLinks.list(integrationId, part), pageSize))
    for (const link of page) {
      if (link.id === groupId) continue;
      const group = boundThere({ ports, integration }, { saved: await ports.groups.read(link.id), link });
      if (!group || group.saved.memberCount === 0) continue;
      const shown = await provider.readGroup(String(group.link.observed.remoteId));
      if (shown?.members && !shown.isSilent) return true;
      read += 1;
      if (read === mostRead) return false;
    }
  return false;
};
