import { isDeepStrictEqual } from "node:util";
import { groupState, readGroupState } from "../provisioning/memberships/group-state.ts";
import { workOfGroup } from "../provisioning/memberships/work-of-group.ts";
import type { Context, IntegrationContext } from "../provisioning/ports/ports.ts";
import type { ServiceProvider, ShownGroup } from "../provisioning/ports/service-provider.ts";
import { type BoundThere, boundThere } from "./bound-there.ts";
import { type ComparedGroup, compareGroup } from "./compare-group.ts";
import { type Looked, toLooked } from "./look-at-user.ts";
import type { MembersShown } from "./members-shown.ts";
import { readPatiently } from "./read-patiently.ts";

const mostLooks = 3;

/** As `lookAtUser`. */
export const lookAtGroup = async (
  context: Context,
  provider: ServiceProvider,
  groupId: string,
): Promise<(BoundThere & { shown: ShownGroup | undefined }) | undefined> => {
  const { ports, integration } = context;
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const before = boundThere(context, await readGroupState(ports, integration.integrationId, groupId));
    if (!before) return undefined;
    const { observed } = before.link;
    const shown = await readPatiently(context, observed, () => provider.readGroup(String(observed.remoteId)));
    const now = boundThere(context, await readGroupState(ports, integration.integrationId, groupId));
    if (now?.link.rev === before.link.rev && now.saved.version === before.saved.version)
      return { ...now, shown };
  }
  return undefined;
};

/** The service provider, and whether it shows who is in a group. */
export type Reading = { provider: ServiceProvider; areShown: MembersShown };

/** As `verifyUser`. */
export const verifyGroup = async (
  context: Context,
  { provider, areShown }: Reading,
  groupId: string,
): Promise<Looked> => {
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const look = await lookAtGroup(context, provider, groupId);
    if (!look) return { findings: [], isThere: false };
    areShown.note(look.shown ? [look.shown] : []);
    const compared = await compareGroup(context, look, look.shown, areShown);
    if (await noteSeenGroup(context, look, compared)) return toLooked(compared, look.shown);
  }
  return { findings: [], isThere: false };
};

/** As `noteSeenUser`; the link first, so that whoever dies in between finds the same again. */
export const noteSeenGroup = async (
  context: IntegrationContext,
  { saved, link }: BoundThere,
  { observed, members }: Pick<ComparedGroup, "observed" | "members">,
): Promise<boolean> => {
  const { ports, integration } = context;
  if (!isDeepStrictEqual(observed, link.observed)) {
    const seen = { saved, link: { ...link, observed } };
    const isSame =
      link.work?.state === "held" ||
      groupState(integration, link, saved) === groupState(integration, seen.link, saved);
    const work = isSame ? undefined : workOfGroup(context, seen);
    if (!(await ports.groupLinks.note(link, link.rev, observed, work))) return false;
  }
  if (members.length > 0) await ports.pushedMembers.save(link.integrationId, link.id, members);
  return true;
};
