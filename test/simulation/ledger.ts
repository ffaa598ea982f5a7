import type { ProviderAnswer, ProviderRequest } from "../providers/front.ts";
import type { SimProvider } from "./target.ts";

/** What the provider was asked to change, and how it was after that. The truth that events are held against. */
export type Entry = {
  time: number;
  caller: string;
  method: string;
  /** Behind the base path, without a query. */
  path: string;
  body: string;
  status: number;
  /** The answer names the id of a resource. */
  hasId: boolean;
  /** The client saw the answer as the provider gave it. Set once that is known. */
  isDelivered: boolean;
  /** Accounts that are active, and all accounts, by id; members by group id. */
  after: Snapshot;
};
export type Snapshot = {
  users: Map<string, { userName: string; active: boolean }>;
  groups: Map<string, { displayName: string; members: string[] }>;
};
export type Ledger = Entry[];

export const snapshotOf = async (provider: SimProvider): Promise<Snapshot> => ({
  users: new Map(
    (await provider.inner.users()).map(({ id, userName, active }) => [id, { userName, active }]),
  ),
  groups: new Map(
    (await provider.inner.groups()).map(({ id, displayName, members }) => [id, { displayName, members }]),
  ),
});

export const noteWrite = async (
  ledger: Ledger,
  provider: SimProvider,
  { method, path, body }: ProviderRequest,
  answer: ProviderAnswer,
  { time, caller }: { time: number; caller: string },
): Promise<Entry | undefined> => {
  if (method === "GET" && !provider.changesOnReads) return undefined;
  const after = await snapshotOf(provider);
  const { status } = answer;
  const hasId = /"id":/.test(answer.body);
  const entry = { time, caller, method, path, body, status, hasId, isDelivered: false, after };
  ledger.push(entry);
  return entry;
};
