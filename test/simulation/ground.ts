import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedSecrets } from "../../infra/local/secrets/embedded-secrets.ts";
import { createCallReads } from "../../shared/aws/call-reads.ts";
import { createGroupStore } from "../../shared/aws/directory/group-store.ts";
import { createUserStore } from "../../shared/aws/directory/user-store.ts";
import { createEventReader } from "../../shared/aws/events/event-reader.ts";
import { createEventWriter } from "../../shared/aws/events/event-writer.ts";
import { createIntegrationStore } from "../../shared/aws/integration-store.ts";
import { createClaimStore } from "../../shared/aws/links/claim-store.ts";
import { createLinkStore } from "../../shared/aws/links/link-store.ts";
import { createPushedMemberStore } from "../../shared/aws/links/pushed-member-store.ts";
import { createRateSchedule } from "../../shared/aws/rate-budget-store.ts";
import { createSecretStore } from "../../shared/aws/secrets/secret-store.ts";
import { createSecretsClient } from "../../shared/aws/secrets/secrets-client.ts";
import { createAttemptIndex } from "../../shared/aws/table/attempt-index.ts";
import { uuidV7 } from "../../shared/model/ids.ts";
import type { EventReader } from "../../shared/provisioning/ports/event-log.ts";
import type { Ports } from "../../shared/provisioning/ports/ports.ts";
import { createScimClient } from "../../shared/scim/client.ts";
import { profileOf } from "../../shared/scim/profiles/effective-profile.ts";
import { startDynamoDb } from "../support/dynamodb.ts";
import { createFastClock, type FastClock } from "./clock.ts";

/** What all scenarios of a process share: real stores on an embedded endpoint, and a clock without waits. */
export type Ground = { ports: Ports; clock: FastClock; reader: EventReader; close(): Promise<void> };

const shards = 1;
const eventRetentionDays = 3650;
/** A request that hangs is given up after so long, in real time. */
const requestTimeoutMs = 200;

export const startGround = async (): Promise<Ground> => {
  const dataDir = await mkdtemp(join(tmpdir(), "usher-simulation-"));
  const keys = { accessKeyId: "LOCLSIMULATION", secretAccessKey: "simulation", region: "us-east-1" };
  const [dynamoDb, endpoint] = await Promise.all([startDynamoDb(), startEmbeddedSecrets({ dataDir, keys })]);
  const secrets = createSecretsClient({ endpoint: endpoint.url, region: keys.region, credentials: keys });
  const clock = createFastClock();
  const state = { client: dynamoDb.client, tableName: dynamoDb.stateTableName };
  const events = { client: dynamoDb.client, tableName: dynamoDb.eventsTableName, shards };
  const { now, sleep } = clock;
  return {
    clock,
    reader: createEventReader({ ...events, now, retentionDays: eventRetentionDays }),
    ports: {
      reads: createCallReads(state),
      integrations: createIntegrationStore(state),
      users: createUserStore(state),
      groups: createGroupStore(state),
      pushedMembers: createPushedMemberStore(state),
      userLinks: createLinkStore({ ...state, kind: "user" }),
      groupLinks: createLinkStore({ ...state, kind: "group" }),
      claims: createClaimStore(state),
      attempts: createAttemptIndex(state),
      secrets: createSecretStore({ client: secrets, prefix: "simulation/", now, sleep }),
      events: createEventWriter(events),
      openProvider: createScimClient({
        allowLoopback: true,
        now,
        sleep,
        random: () => 0.5,
        schedule: createRateSchedule(state),
        requestTimeoutMs,
      }),
      profileOf,
      clock,
      newId: uuidV7,
      organization: "simulation",
      eventRetentionDays,
    },
    async close() {
      secrets.destroy();
      await endpoint.close();
      await dynamoDb.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};
