import { setTimeout as sleep } from "node:timers/promises";
import type { SmokeOptions } from "./arguments.ts";
import type { AnswerBody, AuditEvent, SmokeClient } from "./client.ts";

/** One thing to do and to check. `undo` is what it may have made, taken away at the end, also where it failed. */
export type Step = { name: string; run(): Promise<void>; undo?: { name: string; run(): Promise<void> } };

const done = [200] as const;
/** What is gone already, or never came, is taken away too. */
const gone = [200, 204, 404] as const;

/** The main job of the service, step by step; `runId` makes all names of this run its own. */
export const mainJob = (client: SmokeClient, { target, waitMs }: SmokeOptions, runId: string): Step[] => {
  const label = `Smoke test ${runId}`;
  const [stayer, leaver] = ["a", "b"].map((letter) => ({
    userId: `smoke-${runId}-${letter}`,
    profile: {
      email: `smoke-${runId}-${letter}@example.com`,
      firstname: "Smoke",
      lastname: `Test ${runId} ${letter.toUpperCase()}`,
    },
  })) as [Person, Person];
  const groupId = `smoke-${runId}`;
  let integrationId = "";
  const at = () => `/integrations/${integrationId}`;
  const get = (path: string) => client.call("GET", path, done);

  const provision = async ({ userId, profile }: Person): Promise<void> => {
    const { action, state } = await client.call("PUT", `${at()}/users/${userId}`, done, profile);
    expectThat(
      action === "created" || action === "unchanged",
      `the account of ${userId} is ${action}, ${state}`,
    );
    expectThat(state === "in_sync", `${userId} is ${state} instead of in_sync`);
  };

  return [
    {
      name: "health answers",
      run: async () => {
        const { status } = await get("/health");
        expectThat(status === "ok", `the status is ${status}`);
      },
    },
    {
      name: "an integration is activated",
      run: async () => {
        const answer = await client.call("POST", "/integrations", [201], {
          application: { name: "Smoke test", displayLabel: label },
          profile: target.profile,
          baseUrl: target.baseUrl,
          credentials: { type: "bearer", clientSecret: target.token },
          policies: { onUserUnassigned: "delete", onUserDeleted: "delete", onGroupDeleted: "delete" },
          ...(target.isShared && { allowSharedTarget: true }),
        });
        integrationId = answer.integrationId ?? "";
        expectThat(answer.status === "active", `the integration is ${answer.status}`);
      },
      undo: {
        name: "the integration is deleted",
        run: async () => {
          // Found by its label, also where the answer of the activation was lost. Deleted ones are not listed.
          const { items = [] } = await get(`/integrations?displayLabel=${encodeURIComponent(label)}`);
          for (const one of items) await client.call("DELETE", `/integrations/${one.integrationId}`, gone);
        },
      },
    },
    ...[stayer, leaver].map((person) => ({
      name: person === stayer ? "a user is provisioned" : "another user is provisioned",
      run: () => provision(person),
      undo: {
        name: `the account of ${person.userId} is deleted`,
        run: async () => void (await client.call("DELETE", `/users/${person.userId}`, gone)),
      },
    })),
    {
      name: "a group of both is provisioned",
      run: async () => {
        const body = { name: label, members: [stayer.userId, leaver.userId] };
        const answer = await client.call("PUT", `${at()}/groups/${groupId}`, done, body);
        expectThat(answer.state === "in_sync", `the group is ${answer.state} instead of in_sync`);
        expectThat(answer.members?.added === 2, `${answer.members?.added} members were added instead of 2`);
      },
      undo: {
        name: "the group is deleted",
        run: async () => {
          if (integrationId) await client.call("DELETE", `${at()}/groups/${groupId}?action=delete`, gone);
          await client.call("DELETE", `/groups/${groupId}`, gone);
        },
      },
    },
    {
      name: "a change of the directory arrives by itself",
      run: async () => {
        const path = `${at()}/users/${stayer.userId}`;
        const before = await get(path);
        await client.call("PATCH", `/users/${stayer.userId}`, done, { jobTitle: "Engineer" });
        await until(waitMs, "the change has not arrived", async () => {
          const now = await get(path);
          return now.state === "in_sync" && now.lastSuccessAt !== before.lastSuccessAt;
        });
      },
    },
    {
      name: "a leaver loses the account",
      run: async () => {
        const { receipts = [] } = await client.call("DELETE", `/users/${leaver.userId}`, done);
        const left = receipts.filter(({ state }) => !["deleted", "deprovisioned"].includes(state));
        expectThat(receipts.length > 0 && left.length === 0, `the receipts are ${JSON.stringify(receipts)}`);
      },
    },
    {
      name: "the credentials are replaced",
      run: async () => {
        const credentials = { type: "bearer", clientSecret: target.token };
        const { status } = await client.call("POST", `${at()}/reauth`, done, { credentials });
        expectThat(status === "active", `the integration is ${status}`);
      },
    },
    {
      name: "the audit tells all of it",
      run: async () => {
        await until(
          60_000,
          "events are missing",
          async () => missingIn(await eventsOf(client, integrationId)).length === 0,
        );
        const failed = (await eventsOf(client, integrationId)).filter(({ success }) => !success);
        expectThat(failed.length === 0, `events tell of failures: ${failed.map(wordsOf).join("; ")}`);
      },
    },
  ];
};

type Person = { userId: string; profile: object };

/** What a run leaves: the integration, two accounts, the group, one change, the leaver, the new credentials. */
const expected: Record<string, number> = {
  idm_integration_activate: 1,
  user_create_provision: 2,
  group_create_provision: 1,
  user_update_provision: 1,
  user_delete_provision: 1,
  idm_integration_reauth: 1,
};

const missingIn = (events: readonly AuditEvent[]): string[] =>
  Object.entries(expected).flatMap(([type, count]) =>
    events.filter((event) => event.event_type === type && event.success).length >= count ? [] : [type],
  );

const eventsOf = async (client: SmokeClient, integrationId: string): Promise<AuditEvent[]> => {
  const events: AuditEvent[] = [];
  for (let cursor: string | undefined = ""; cursor !== undefined; ) {
    const next = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const page: AnswerBody = await client.call("GET", `/events?integrationId=${integrationId}${next}`, done);
    events.push(...(page.items ?? []));
    cursor = page.nextCursor;
  }
  return events;
};

const wordsOf = ({ event_type: type, error_message: message }: AuditEvent): string => `${type}: ${message}`;

const expectThat = (isSo: boolean, otherwise: string): void => {
  if (!isSo) throw new Error(otherwise);
};

const until = async (ms: number, otherwise: string, isSo: () => Promise<boolean>): Promise<void> => {
  const end = Date.now() + ms;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`${otherwise} within ${ms / 1000} s`);
    await sleep(500);
  }
};
