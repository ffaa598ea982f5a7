import type { GroupWork } from "./group-work.ts";

/** The accounts that are in the group as far as we have pushed or found them there. Reads them all: for rare cases. */
export const knownMembers = async ({ ports, link }: GroupWork): Promise<string[]> => {
  const known: string[] = [];
  for await (const page of ports.pushedMembers.all(link.integrationId, link.id))
    known.push(...page.flatMap(({ state, remoteId }) => (state === "pushed" && remoteId ? [remoteId] : [])));
  return known;
};
