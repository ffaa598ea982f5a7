import type { Serves } from "../../model/asked.ts";
import type { Actor } from "../../model/event.ts";
import type { Integration } from "../../model/integration.ts";
import type { CallReads } from "./call-reads.ts";
import type { GroupStore, PushedMemberStore, UserStore } from "./directory-store.ts";
import type { EventWriter } from "./event-log.ts";
import type { GivenSecrets } from "./given-secrets.ts";
import type { GuardStore } from "./guard-store.ts";
import type { HoldStore } from "./hold-store.ts";
import type { IntegrationJobStore } from "./integration-job-store.ts";
import type { IntegrationStore, SecretStore, TargetStore } from "./integration-store.ts";
import type { JobStore } from "./job-store.ts";
import type { AttemptIndex, ClaimStore, GroupLinkStore, UserLinkStore } from "./link-store.ts";
import type { NameStore } from "./name-store.ts";
import type { ConflictStore, OwnedStore, WaitingStore } from "./owned-store.ts";
import type { OpenServiceProvider } from "./service-provider.ts";
import type { SourceStore } from "./source-store.ts";
import type { ProfileOf } from "./target.ts";
import type { WakeUps, WorkIndex } from "./work-index.ts";
import type { WorkerSlots } from "./worker-slots.ts";

/** All that the use cases need from outside. */
export type Ports = {
  reads: CallReads;
  integrations: IntegrationStore;
  secrets: SecretStore;
  givenSecrets: GivenSecrets;
  targets: TargetStore;
  users: UserStore;
  groups: GroupStore;
  sources: SourceStore;
  names: NameStore;
  owned: OwnedStore;
  conflicts: ConflictStore;
  waiting: WaitingStore;
  pushedMembers: PushedMemberStore;
  userLinks: UserLinkStore;
  groupLinks: GroupLinkStore;
  claims: ClaimStore;
  attempts: AttemptIndex;
  guards: GuardStore;
  holds: HoldStore;
  work: WorkIndex;
  wakeUps: WakeUps;
  slots: WorkerSlots;
  jobs: JobStore;
  integrationJobs: IntegrationJobStore;
  events: EventWriter;
  openProvider: OpenServiceProvider;
  profileOf: ProfileOf;
  clock: { now(): number; sleep(ms: number): Promise<void> };
  newId(nowMs: number): string;
  /** In [0, 1). */
  random(): number;
  organization: string;
  eventRetentionDays: number;
};

/** One call: who asks, and until when. */
export type Call = {
  actor: Actor;
  sendUntil: number;
  answerUntil: number;
  /** The correlation id is the caller's own, so that it stays. */
  isCorrelationGiven?: boolean;
  /** The service itself carries out what is due: what waits for its own time is left alone. */
  isAutomatic?: true;
  /** It finds out whether a service provider that failed is back: sent in quarantine, too, and without repeats. */
  isProbe?: true;
  /** The changes of the directory that its attempts carry out. */
  serves?: Serves;
  /** When the latest of what it continues for another was asked for (RFC 3339). */
  continuesFrom?: string;
};

/** The outside, and one integration as it was read. */
export type IntegrationContext = { ports: Ports; integration: Integration };

/** What the work for one integration knows: `call` tells who asks for it, and until when. */
export type Context = IntegrationContext & { call: Call };
