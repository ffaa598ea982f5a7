import { type AttemptEntries, memoryAttemptIndex } from "../../shared/memory/attempt-index.ts";
import { type ClaimItems, type FormerOwners, memoryClaimStore } from "../../shared/memory/claim-store.ts";
import { type GuardItems, memoryGuardStore } from "../../shared/memory/guard-store.ts";
import { emptyHolds, type HoldItems, memoryHoldStore } from "../../shared/memory/hold-store.ts";
import {
  type LinkItems,
  type ListedLinks,
  memoryLinkStore,
  type RestingLinks,
} from "../../shared/memory/link-store.ts";
import { memoryNameStore, type NameItems } from "../../shared/memory/name-store.ts";
import {
  type ConflictItems,
  memoryConflictStore,
  memoryOwnedStore,
  memoryWaitingStore,
  type OwnedItems,
  type WaitingItems,
} from "../../shared/memory/owned-store.ts";
import { memoryPushedMemberStore, type PushedItems } from "../../shared/memory/pushed-member-store.ts";
import type { Request } from "../../shared/memory/request.ts";
import { emptySources, memorySourceStore, type SourceItems } from "../../shared/memory/source-store.ts";
import { memoryUserStore, type UserItems } from "../../shared/memory/user-store.ts";
import type {
  GroupAssignment,
  GroupObserved,
  UserAssignment,
  UserObserved,
} from "../../shared/model/link.ts";
import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import { memoryCallReads } from "./call-reads.ts";
import { type EventItems, memoryEventWriter } from "./event-log.ts";
import type { GroupItems } from "./group-items.ts";
import { memoryGroupStore } from "./group-store.ts";
import {
  emptyIntegrationJobs,
  type IntegrationJobItems,
  memoryIntegrationJobStore,
} from "./integration-job-store.ts";
import { type IntegrationItems, memoryIntegrationStore } from "./integration-store.ts";
import { type JobItems, memoryJobStore } from "./job-store.ts";
import type { RateItems } from "./rate-schedule.ts";
import { memorySecretStore, type SecretItems } from "./secret-store.ts";
import { memoryTargetStore, type TargetItems } from "./target-store.ts";
import { memoryWorkIndex } from "./work-index.ts";
import { memoryWorkerSlots, type SlotItems } from "./worker-slots.ts";

/** All that the stores keep: what outlives every process. */
export type Memory = {
  users: UserItems;
  groups: GroupItems;
  sources: SourceItems;
  names: NameItems;
  owned: OwnedItems;
  conflicts: ConflictItems;
  waiting: WaitingItems;
  pushedMembers: PushedItems;
  userLinks: LinkItems<UserAssignment, UserObserved>;
  groupLinks: LinkItems<GroupAssignment, GroupObserved>;
  claims: ClaimItems;
  targets: TargetItems;
  formerOwners: FormerOwners;
  integrations: IntegrationItems;
  secrets: SecretItems;
  events: EventItems;
  rates: RateItems;
  attempts: AttemptEntries;
  guards: GuardItems;
  holds: HoldItems;
  listed: ListedLinks;
  resting: RestingLinks;
  jobs: JobItems;
  integrationJobs: IntegrationJobItems;
  slots: SlotItems;
};

export const emptyMemory = (): Memory => ({
  users: new Map(),
  groups: new Map(),
  sources: emptySources(),
  names: new Map(),
  owned: new Map(),
  conflicts: new Map(),
  waiting: new Map(),
  pushedMembers: { pushed: new Map(), waiting: new Map() },
  userLinks: new Map(),
  groupLinks: new Map(),
  claims: new Map(),
  targets: new Map(),
  formerOwners: new Map(),
  integrations: new Map(),
  secrets: new Map(),
  events: new Map(),
  rates: new Map(),
  attempts: [],
  guards: new Map(),
  holds: emptyHolds(),
  listed: new Map(),
  resting: new Map(),
  jobs: new Map(),
  integrationJobs: emptyIntegrationJobs(),
  slots: new Map(),
});

type StorePorts = Pick<
  Ports,
  | "reads"
  | "integrations"
  | "secrets"
  | "givenSecrets"
  | "targets"
  | "users"
  | "groups"
  | "sources"
  | "names"
  | "owned"
  | "conflicts"
  | "waiting"
  | "pushedMembers"
  | "userLinks"
  | "groupLinks"
  | "claims"
  | "attempts"
  | "guards"
  | "holds"
  | "work"
  | "jobs"
  | "integrationJobs"
  | "slots"
  | "events"
>;

type Options = { pageSize?: number; lagMs?: () => number };

/** The stores as one process has them. `lagMs`: how far the indexes are behind, asked at each read. */
export const openStores = (
  memory: Memory,
  request: Request,
  now: () => number,
  { pageSize, lagMs }: Options = {},
): StorePorts => {
  const { users, groups, claims, secrets, events, integrations, userLinks, groupLinks } = memory;
  const { attempts: entries, listed, resting } = memory;
  return {
    reads: memoryCallReads({ integrations, users, groups, userLinks, groupLinks }, request),
    integrations: memoryIntegrationStore({ items: integrations, entries }, request, now),
    secrets: memorySecretStore(secrets, request, now),
    // Nobody has made any.
    givenSecrets: { prefix: "usher/given/", read: async () => "unknown" },
    targets: memoryTargetStore(memory.targets, request),
    users: memoryUserStore(users, request, now),
    groups: memoryGroupStore(groups, request, now, pageSize),
    sources: memorySourceStore(memory.sources, request),
    names: memoryNameStore(memory.names, request),
    owned: memoryOwnedStore(memory.owned, request),
    conflicts: memoryConflictStore(memory.conflicts, request, now),
    waiting: memoryWaitingStore(memory.waiting, request),
    pushedMembers: memoryPushedMemberStore(memory.pushedMembers, request, now, pageSize),
    userLinks: memoryLinkStore("user", { items: userLinks, entries, listed, resting }, request, {
      now,
      lagMs,
    }),
    groupLinks: memoryLinkStore("group", { items: groupLinks, entries, listed, resting }, request, {
      now,
      lagMs,
    }),
    claims: memoryClaimStore(claims, memory.formerOwners, request),
    attempts: memoryAttemptIndex(entries, request, now, lagMs),
    guards: memoryGuardStore(memory.guards, request),
    holds: memoryHoldStore({ ...memory.holds, entries }, request, now),
    work: memoryWorkIndex({ users, groups, userLinks, groupLinks, resting }, request, now, lagMs),
    slots: memoryWorkerSlots(memory.slots, request, now),
    jobs: memoryJobStore(memory.jobs, request),
    integrationJobs: memoryIntegrationJobStore(memory.integrationJobs, request),
    events: memoryEventWriter(events, request),
  };
};
