import { allPages } from "../common/all-pages.ts";
import type { Integration } from "../model/integration.ts";
import type { GroupLink, PushedMember, UserLink } from "../model/link.ts";
import type { EventRecord } from "../provisioning/ports/event-log.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import type { OpenServiceProvider } from "../provisioning/ports/service-provider.ts";
import type { ObjectRef, WorkRef } from "../provisioning/ports/work-index.ts";
import type { Exchange } from "../scim/wire/transport.ts";
import { rehearsedClaims } from "./claims.ts";
import { rehearsedGroups } from "./groups.ts";
import { rehearsedGuards } from "./guards.ts";
import { rehearsedHolds } from "./holds.ts";
import { rehearsedIntegrations, rehearsedSecrets } from "./integrations.ts";
import { rehearsedLinks } from "./links.ts";
import { notRehearsed } from "./not-rehearsed.ts";
import { plainProvider } from "./plain-provider.ts";
import { rehearsedPushedMembers } from "./pushed-members.ts";
import { rehearsedReads } from "./reads.ts";
import type { Recording } from "./recording.ts";
import { rehearsedUsers } from "./users.ts";

/** Makes a SCIM client whose requests are carried out by `exchange`, in the time of that clock. */
export type OpenClient = (exchange: Exchange, clock: Ports["clock"]) => OpenServiceProvider;

/** The link as the index of work would name it, where something is due there. */
const dueRef = (
  kind: "user" | "group",
  { integrationId, id, work }: UserLink | GroupLink,
  now: number,
): WorkRef[] =>
  work && work.at <= now && work.state !== "in_sync" ? [{ ...work, kind, key: { integrationId, id } }] : [];

/** Until when a policy lets the account wait: for the end of a grace, or for its deletion. */
const waitOf = ({ work, assignment: { deleteFrom } }: UserLink): number | undefined => {
  const isDeletion = deleteFrom !== undefined && work?.at === Date.parse(deleteFrom);
  return work?.state === "pending" && (work.isGrace || isDeletion) ? work.at : undefined;
};

/** Waiting takes no time: `now` goes on by what was waited for. */
const rehearsedClock = ({ now }: Ports["clock"]) => {
  let waited = 0;
  const pass = (ms: number): void => {
    // Times are whole milliseconds, as those of the clock.
    waited += Math.ceil(ms);
  };
  const clock: Ports["clock"] = { now: () => now() + waited, sleep: async (ms) => pass(ms) };
  return { clock, pass };
};

const mostNamesakes = 10;
/** Groups have no index of names: of more than these a clash of names is not foreseen. */
const groupsInPage = 500;
const mostPages = 4;

type Setting = {
  openClient: OpenClient;
  recording: Recording;
  events: EventRecord[];
  change(integration: Integration): Integration;
};

export type Stage = ReturnType<typeof setStage>;

/** The ports of a rehearsal, what would be left to do, and what the guard would hold. */
export const setStage = (real: Ports, { openClient, recording, events, change }: Setting) => {
  const { clock, pass } = rehearsedClock(real.clock);
  const users = rehearsedUsers(real.users, clock.now);
  const groups = rehearsedGroups(real.groups, clock.now);
  const userLinks = rehearsedLinks("user", real.userLinks, clock.now);
  const groupLinks = rehearsedLinks("group", real.groupLinks, clock.now);
  const pushedMembers = rehearsedPushedMembers(real.pushedMembers, clock.now);
  const holds = rehearsedHolds(real.holds, clock.now);
  const integrations = rehearsedIntegrations(real.integrations, change);
  const stores = {
    users: users.store,
    groups: groups.store,
    userLinks: userLinks.store,
    groupLinks: groupLinks.store,
    pushedMembers,
  };
  const notes = {
    user: { saved: users.note, link: userLinks.note },
    group: { saved: groups.note, link: groupLinks.note, membershipOf: groups.membershipOf },
  };
  const recordOf = (integrationId: string) => ({
    integrationId,
    // An account that a look has not found is not there.
    users: () =>
      userLinks
        .all()
        .filter(
          (link) => link.integrationId === integrationId && link.observed.unconfirmed?.seen.id !== null,
        ),
    groups: () => groupLinks.all().filter((link) => link.integrationId === integrationId),
    /** Users are found by the address that names their account by default; groups by the name that they were given there. */
    async seek(kind: "user" | "group", value: string): Promise<void> {
      if (kind === "user") {
        const { items } = await real.users.list({ email: value, limit: mostNamesakes });
        for (const { userId } of items) await userLinks.store.read({ integrationId, id: userId });
        return;
      }
      let pages = 0;
      for await (const page of allPages((part) => real.groupLinks.list(integrationId, part), groupsInPage)) {
        const namesakes = page.filter(({ observed }) => observed.name?.toLowerCase() === value.toLowerCase());
        for (const { id } of namesakes) await groupLinks.store.read({ integrationId, id });
        pages += 1;
        if (pages === mostPages) return;
      }
    },
    async membersOf(groupId: string): Promise<string[]> {
      const members: PushedMember[] = [];
      for await (const page of pushedMembers.all(integrationId, groupId)) members.push(...page);
      return members.flatMap(({ presence, remoteId }) => (presence === "out" ? [] : [remoteId]));
    },
  });
  const clients = new Map<string, OpenServiceProvider>();
  const clientOf = (integrationId: string): OpenServiceProvider => {
    const client =
      clients.get(integrationId) ?? openClient(plainProvider(recordOf(integrationId), recording), clock);
    clients.set(integrationId, client);
    return client;
  };

  const ports: Ports = {
    ...stores,
    clock,
    integrations,
    reads: rehearsedReads(real.reads, notes, { ...stores, integrations }),
    claims: rehearsedClaims(real.claims),
    guards: rehearsedGuards(real.guards),
    holds: holds.store,
    secrets: rehearsedSecrets(integrations),
    openProvider: (target, limits) => clientOf(target.budgetOf?.integrationId ?? "")(target, limits),
    events: {
      async put(record) {
        events.push(record);
        return record.event;
      },
    },
    attempts: { orphans: async () => [] },
    work: { ...real.work, changed: async () => [] },
    jobs: { read: real.jobs.read, save: async () => {} },
    integrationJobs: real.integrationJobs,
    wakeUps: { wake: async () => {} },
    sources: real.sources,
    names: { read: real.names.read, claim: notRehearsed, release: notRehearsed },
    owned: { ...real.owned, note: notRehearsed, forget: notRehearsed },
    conflicts: { list: real.conflicts.list, note: notRehearsed },
    waiting: {
      groupsOf: real.waiting.groupsOf,
      all: real.waiting.all,
      note: notRehearsed,
      forget: notRehearsed,
    },
    targets: { hash: notRehearsed, claim: notRehearsed },
    givenSecrets: { prefix: "", read: notRehearsed },
    slots: { take: async () => undefined },
    profileOf: real.profileOf,
    newId: real.newId,
    random: real.random,
    // Of events that nobody is shown; a Lambda that writes none is not told the real ones.
    organization: "",
    eventRetentionDays: 1,
  };
  const due = (): WorkRef[] => [
    ...userLinks.written().flatMap((link) => dueRef("user", link, clock.now())),
    ...groupLinks.written().flatMap((link) => dueRef("group", link, clock.now())),
  ];
  const changed = (): ObjectRef[] => [
    ...users.changed().map((id) => ({ kind: "user" as const, id })),
    ...groups.changed().map((id) => ({ kind: "group" as const, id })),
  ];
  return {
    ports,
    due,
    changed,
    held: holds.added,
    /** Unix ms; undefined where a policy lets nothing wait. */
    nextWait(): number | undefined {
      const waits = userLinks.written().flatMap((link) => waitOf(link) ?? []);
      const later = waits.filter((at) => at > clock.now());
      return later.length === 0 ? undefined : Math.min(...later);
    },
    /** Time goes on until then; by how many ms. */
    leapTo(at: number): number {
      const ms = at - clock.now();
      recording.waitUntil(at);
      pass(ms);
      return ms;
    },
  };
};
