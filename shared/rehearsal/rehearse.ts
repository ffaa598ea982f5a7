import { allPages } from "../common/all-pages.ts";
import { type Integration, type IntegrationStatus, statusOf } from "../model/integration.ts";
import type { GroupLink, PushedMember, UserLink } from "../model/link.ts";
import { carryOutDue } from "../provisioning/automatic/carry-out-due.ts";
import { dispatchChange } from "../provisioning/automatic/dispatch-change.ts";
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
import { openRecording, type RecordedRequest, type Recording } from "./recording.ts";
import { rehearsedUsers } from "./users.ts";

/** Makes a SCIM client whose requests are carried out by `exchange`, in the time of that clock. */
export type OpenClient = (exchange: Exchange, clock: Ports["clock"]) => OpenServiceProvider;

export type Rehearsed<T> = {
  result: T;
  requests: RecordedRequest[];
  requestsTotal: number;
  /** The events of the attempts that would be made, in their order. */
  events: EventRecord[];
  /** Integrations with requests that are not active, to which nothing would be sent before they are. */
  notActive: { integrationId: string; status: IntegrationStatus }[];
};

type Act<T> = {
  act(ports: Ports): Promise<T>;
  /** Unix ms: after it nothing more is begun that follows by itself. */
  until: number;
  /** What goes on by itself afterwards is left out. */
  isAlone?: boolean;
  /** The integration as it would be. */
  change?(integration: Integration): Integration;
};
/** `rehearse`, with the SCIM client. */
export type Rehearse = <T>(real: Ports, wanted: Act<T>) => Promise<Rehearsed<T>>;

/**
 * Carry a call out against what is on record, as it would be: with the same use case, the same plans and the same client,
 * but what it saves stays in memory, and its requests are recorded and not sent. What goes on by itself afterwards is
 * carried out, too. The real ports are read alone.
 */
export const rehearse = async <T>(
  real: Ports,
  openClient: OpenClient,
  { act, until, isAlone, change = (integration) => integration }: Act<T>,
): Promise<Rehearsed<T>> => {
  const recording = openRecording();
  const events: EventRecord[] = [];
  const stage = setStage(real, { openClient, recording, events, change });
  const result = await act(stage.ports);
  if (!isAlone) await goOnByItself(stage, until);
  const requests = recording.requests();
  const notActive = await inactiveOf(real, new Set(requests.map(({ integrationId }) => integrationId)));
  return { result, requests, requestsTotal: recording.total(), events, notActive };
};

const inactiveOf = async (
  { integrations }: Ports,
  integrationIds: Set<string>,
): Promise<Rehearsed<unknown>["notActive"]> => {
  const rows = await Promise.all([...integrationIds].map((id) => integrations.read(id)));
  return rows.flatMap((row) => {
    const status = row?.integration && statusOf(row.integration);
    return row && status && status !== "active" ? [{ integrationId: row.integrationId, status }] : [];
  });
};

/** What each object may take turns in, before it counts as never coming to rest. */
const mostTurns = 3;

/** What the dispatch of changes and the workers would do about it, those whose access ends first. */
const goOnByItself = async ({ ports, changed, written }: Stage, until: number): Promise<void> => {
  const turns = new Map<string, number>();
  for (;;) {
    for (const ref of changed()) await dispatchChange(ports, ref);
    const next = written()
      .toSorted((a, b) => a.urgency - b.urgency || a.at - b.at)
      .find((ref) => (turns.get(nameOf(ref)) ?? 0) < mostTurns);
    if (!next || ports.clock.now() >= until) return;
    turns.set(nameOf(next), (turns.get(nameOf(next)) ?? 0) + 1);
    await carryOutDue(ports, next, { until });
  }
};

const nameOf = ({ kind, key }: WorkRef): string => JSON.stringify([kind, key.integrationId, key.id]);

/** The link as the index of work would name it, where something is due there. */
const dueRef = (
  kind: "user" | "group",
  { integrationId, id, work }: UserLink | GroupLink,
  now: number,
): WorkRef[] =>
  work && work.at <= now && work.state !== "in_sync" ? [{ ...work, kind, key: { integrationId, id } }] : [];

/** Waiting takes no time: `now` goes on by what was waited for. */
const rehearsedClock = ({ now }: Ports["clock"]): Ports["clock"] => {
  let waited = 0;
  return {
    now: () => now() + waited,
    async sleep(ms) {
      // Times are whole milliseconds, as those of the clock.
      waited += Math.ceil(ms);
    },
  };
};

const mostNamesakes = 10;
/** Groups have no index of names: of more than these a clash of names is not foreseen. */
const groupsInPage = 500;
const mostPages = 4;

type Stage = ReturnType<typeof setStage>;
type Setting = {
  openClient: OpenClient;
  recording: Recording;
  events: EventRecord[];
  change(integration: Integration): Integration;
};

/** The ports of a rehearsal, and what would be left to do. */
const setStage = (real: Ports, { openClient, recording, events, change }: Setting) => {
  const clock = rehearsedClock(real.clock);
  const users = rehearsedUsers(real.users, clock.now);
  const groups = rehearsedGroups(real.groups, clock.now);
  const userLinks = rehearsedLinks("user", real.userLinks, clock.now);
  const groupLinks = rehearsedLinks("group", real.groupLinks, clock.now);
  const pushedMembers = rehearsedPushedMembers(real.pushedMembers, clock.now);
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
    holds: rehearsedHolds(real.holds, clock.now),
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
  const written = (): WorkRef[] => [
    ...userLinks.written().flatMap((link) => dueRef("user", link, clock.now())),
    ...groupLinks.written().flatMap((link) => dueRef("group", link, clock.now())),
  ];
  const changed = (): ObjectRef[] => [
    ...users.changed().map((id) => ({ kind: "user" as const, id })),
    ...groups.changed().map((id) => ({ kind: "group" as const, id })),
  ];
  return { ports, written, changed };
};
