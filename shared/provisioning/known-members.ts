import type { GroupWork } from "./group-work.ts";
import type { KnownMembers } from "./ports/service-provider.ts";

/** The accounts that are in the group as far as we have pushed or found them there. Reads them all: for rare cases. */
export const knownMembers =
  ({ ports, link }: GroupWork): KnownMembers =>
  async (which) => {
    const known: string[] = [];
    for await (const page of ports.pushedMembers.all(link.integrationId, link.id)) {
      const there = page.filter(
        ({ state, isDoubtful }) => state === "pushed" && !(which === "sure" && isDoubtful),
      );
      known.push(...there.flatMap(({ remoteId }) => remoteId ?? []));
    }
    return known;
  };
