import { chunksOf } from "../common/chunks.ts";
import { serviceItself } from "../model/event.ts";
import type { PushedMember } from "../model/link.ts";
import type { SyncItem } from "../model/sync.ts";
import { keptInHolds } from "../provisioning/guard/open-leavers.ts";
import { withPresence } from "../provisioning/memberships/uncertain-members.ts";
import type { IntegrationContext } from "../provisioning/ports/ports.ts";
import { openAccountOf, readUserStates } from "../provisioning/users/user-state.ts";
import type { BoundThere } from "./bound-there.ts";

/** Users by id. `toNote`: what is known of memberships by then. */
export type ComparedMembers = {
  findings: SyncItem[];
  missing: string[];
  extra: string[];
  toNote: PushedMember[];
};

const readAtOnce = 100;
/** A request of unknown outcome may be carried out so long afterwards. */
const lateMs = 60_000;

/**
 * The accounts that a group shows beside the members that it is to have. Members without an open account are in no group for
 * sure, and who waits to be added, or taken out, of a group that has changed, or is kept in a hold, is no finding. Whether one
 * is in it is unknown from then on, so that the next call looks and sends.
 */
export const compareMembers = async (
  context: IntegrationContext,
  { saved, link }: BoundThere,
  shown: string[],
): Promise<ComparedMembers> => {
  const { ports, integration } = context;
  const { integrationId, baseUrl } = integration;
  const { groupId, version } = saved;
  const noted = new Map<string, PushedMember>();
  for await (const page of ports.pushedMembers.all(integrationId, groupId))
    for (const member of page) noted.set(member.userId, member);
  const owners = await ports.claims.ownersOf({ integrationId, kind: "user", baseUrl }, shown);
  const there = new Map([...owners].map(([remoteId, userId]) => [userId, remoteId]));
  const members = new Set<string>();
  for await (const page of ports.groups.members(groupId, version)) for (const id of page) members.add(id);
  const isInStep = link.observed.version === version && !link.observed.isDue;

  const open = await openAccounts(
    context,
    [...members].filter((userId) => !there.has(userId)),
  );
  const missing = [...open.keys()].filter((userId) => isInStep || noted.get(userId)?.presence === "in");
  const extra = [...there.keys()].filter(
    (userId) => !members.has(userId) && noted.get(userId)?.presence !== "in",
  );
  const unknown = shown.filter((remoteId) => !owners.has(remoteId));
  const kept = new Set(
    extra.length === 0 ? [] : (await keptInHolds(ports, link)).map(({ userId }) => userId),
  );
  const about = { kind: "member" as const, groupId, state: "found" as const };
  const trace = {
    since: new Date(ports.clock.now()).toISOString(),
    by: serviceItself.id,
    eventId: link.observed.lastEventId ?? "",
  };
  const doubted = (userId: string, remoteId: string): PushedMember[] => {
    const known = noted.get(userId);
    if (known?.presence === "unknown" && known.remoteId === remoteId) return [];
    return [
      known
        ? { ...withPresence(known, "unknown"), remoteId }
        : { userId, remoteId, presence: "unknown", ...trace },
    ];
  };
  return {
    findings: [
      ...missing.map((userId) => ({
        ...about,
        userId,
        ...remote(open.get(userId)),
        finding: "member-missing" as const,
      })),
      ...extra
        .filter((userId) => !kept.has(userId))
        .map((userId) => ({
          ...about,
          userId,
          ...remote(there.get(userId)),
          finding: "member-extra" as const,
        })),
      ...unknown.map((remoteId) => ({ ...about, remoteId, finding: "unknown" as const })),
    ],
    missing,
    extra,
    toNote: [
      ...missing.flatMap((userId) => doubted(userId, open.get(userId) ?? "")),
      ...extra.flatMap((userId) => doubted(userId, there.get(userId) ?? "")),
      ...settled([...noted.values()], { there, members, now: ports.clock.now() }),
    ],
  };
};

const remote = (remoteId: string | undefined) => (remoteId === undefined ? {} : { remoteId });

/** Accounts of users that are open as they are to be, by user. */
const openAccounts = async (
  { ports, integration }: IntegrationContext,
  userIds: string[],
): Promise<Map<string, string>> => {
  const open = new Map<string, string>();
  for (const chunk of chunksOf(userIds, readAtOnce))
    for (const [userId, state] of await readUserStates(ports, integration.integrationId, chunk)) {
      const remoteId = openAccountOf(integration, state);
      if (remoteId !== undefined) open.set(userId, remoteId);
    }
  return open;
};

type Seen = { there: ReadonlyMap<string, string>; members: ReadonlySet<string>; now: number };

/** Of whom it was unknown whether they are in the group, and who is shown as wanted. */
const settled = (noted: PushedMember[], { there, members, now }: Seen): PushedMember[] =>
  noted.flatMap((member) => {
    const { userId, remoteId, presence, since, mayLeave, addedAt } = member;
    const isOld = now - Date.parse(since) >= lateMs;
    if (presence !== "unknown" || mayLeave || addedAt || !isOld) return [];
    const isShown = there.get(userId) === remoteId;
    if (isShown !== members.has(userId)) return [];
    return [withPresence(member, isShown ? "in" : "out")];
  });
