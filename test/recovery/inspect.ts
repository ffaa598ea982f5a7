import { setTimeout as sleep } from "node:timers/promises";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { ListSecretsCommand, type SecretListEntry } from "@aws-sdk/client-secrets-manager";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { tables } from "../../infra/local/embedded-settings.ts";
import type { DirectoryInsightsEvent } from "../../shared/model/event.ts";
import type { Integration } from "../../shared/model/integration.ts";
import type { Changed, Work } from "../../shared/model/work.ts";
import type { TestProvider } from "../providers/provider.ts";
import { userOf } from "./explain.ts";
import type { Body, Run } from "./run-process.ts";

type Item = {
  pk: string;
  sk: string;
  attempt?: unknown;
  attemptPk?: unknown;
  integration?: Integration;
  work?: Work;
  changed?: Changed;
};

const itemsOf = async (run: Run): Promise<Item[]> => {
  const { Items = [] } = await run.dynamodb.send(
    new ScanCommand({ TableName: tables.state, ConsistentRead: true }),
  );
  return Items.map((item) => unmarshall(item) as Item);
};

const patienceMs = 10_000;

/** Waits until what goes on by itself has ended, or for so long: what is open then is told as wrong. */
export const untilQuiet = async (run: Run): Promise<void> => {
  const isDue = (mark: { at: number } | undefined) => mark !== undefined && mark.at <= run.now();
  const isOpen = ({ attempt, work, changed }: Item) => attempt !== undefined || isDue(work) || isDue(changed);
  for (const giveUp = Date.now() + patienceMs; Date.now() < giveUp; await sleep(20))
    if (!(await itemsOf(run)).some(isOpen)) return;
};

/** What must not be there while nothing is under way: open attempts, and rows and secrets that do not match. */
export const leftOpen = async (run: Run): Promise<string[]> => {
  const items = await itemsOf(run);
  const { SecretList = [] } = await run.secrets.send(new ListSecretsCommand({ MaxResults: 100 }));
  const secrets = new Map(SecretList.map((secret) => [secret.Name?.split("/")[2], secret]));
  secrets.delete(undefined);
  const rows = items.filter(({ pk }) => pk === "INTEGRATION");
  return [
    ...items
      .filter((item) => item.attempt || item.attemptPk)
      .map(({ pk, sk }) => `open attempt at ${pk} ${sk}`),
    ...rows.flatMap(({ sk, integration }) => whyUnfit(sk, integration, secrets.get(sk))),
    ...[...secrets.keys()]
      .filter((id) => !rows.some(({ sk }) => sk === id))
      .map((id) => `orphaned secret of ${id}`),
  ];
};

/** Why a row and its secret do not go together. */
const whyUnfit = (
  id: string,
  integration: Integration | undefined,
  secret: SecretListEntry | undefined,
): string[] => {
  if (!integration) return [`row ${id} without an integration`];
  if (integration.status === "deleted") return secret ? [`deleted ${id} keeps its secret`] : [];
  const stages = secret?.SecretVersionsToStages?.[integration.secretVersionId];
  return stages?.includes("AWSCURRENT") ? [] : [`the secret version in use by ${id} is not the current one`];
};

/** Every item of a listing. */
export const listAll = async (run: Run, path: string): Promise<Body["items"]> => {
  const items: Body["items"] = [];
  let cursor: string | undefined;
  do {
    const { status, body } = await run.call(
      "GET",
      cursor ? `${path}&cursor=${encodeURIComponent(cursor)}` : path,
    );
    if (status !== 200) throw new Error(`GET ${path}: ${status}`);
    items.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor);
  return items;
};

/** All events that a query finds, oldest first. */
export const eventsOf = async (run: Run, query: string): Promise<DirectoryInsightsEvent[]> =>
  (await listAll(run, `/events?${query}&order=asc&limit=500`)) as unknown as DirectoryInsightsEvent[];

/** The state of each user and group that the integration knows. */
export const statesOf = async (run: Run, integrationId: string): Promise<string[]> => {
  const kinds = ["users", "groups"].map((kind) =>
    listAll(run, `/integrations/${integrationId}/${kind}?limit=500`),
  );
  return (await Promise.all(kinds))
    .flat()
    .map(({ userId, groupId, state }) => `${userId ?? groupId} is ${state}`);
};

/** What the provider holds, in the directory's ids. */
export const providerState = async (provider: TestProvider) => {
  const all = await provider.users();
  const ids = new Map(all.map(({ id, userName }) => [id, userOf(userName)]));
  const users = all.map(({ userName, active, resource }) => ({
    user: userOf(userName),
    active,
    ...(typeof resource.title === "string" && { title: resource.title }),
  }));
  const groups = (await provider.groups()).map(({ displayName, members }) => ({
    group: displayName,
    members: members.map((id) => ids.get(id) ?? "?").sort(),
  }));
  return {
    users: users.sort((a, b) => (a.user < b.user ? -1 : 1)),
    groups: groups.sort((a, b) => (a.group < b.group ? -1 : 1)),
  };
};
export type ProviderState = Awaited<ReturnType<typeof providerState>>;
