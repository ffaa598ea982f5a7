import { concurrently } from "../common/concurrently.ts";
import { omit } from "../common/objects.ts";
import { changeDirectoryGroup } from "../directory/change-directory-group.ts";
import { existingGroup } from "../directory/save-group.ts";
import type { JobRun, JobStep } from "../jobs/run-job.ts";
import { callOfJob } from "../jobs/start-job.ts";
import { asText } from "../mapping/remote-attributes.ts";
import { managerTarget } from "../mapping/sends-manager.ts";
import { Failure } from "../model/failure.ts";
import type { ImportRow } from "../model/import.ts";
import type { JobItem } from "../model/integration-job.ts";
import type { JsonObject } from "../model/json.ts";
import { toFailure } from "../provisioning/attempts/provider-failure.ts";
import type { Context } from "../provisioning/ports/ports.ts";
import { ProviderFailure } from "../provisioning/ports/provider-failure.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { openReader, reading } from "../verification/open-reader.ts";
import { accountIn, rowPlaceOf, scanDays, toAccount, toAccountItem } from "./account-items.ts";
import { importAccount } from "./import-account.ts";
import { linkedUsers, matchAccounts } from "./match-accounts.ts";
import { type ImportPlace, nextPicks, type Picks } from "./picked-accounts.ts";
import { isOfConnection } from "./scan-connection.ts";
import { addressesOf, titleOf } from "./shown-account.ts";
import type { ImportWanted } from "./start-import.ts";
import { noteNames } from "./user-names.ts";

/** A scan that is older is no proof that an account is there: each is read before it is taken over. */
const freshMs = 60 * 60_000;
const rowDays = 30;
/** For as long as an import may be tried again. */
const namesDays = 2;
const atOnce = 8;

/** Notes the names of the directory's users, then takes account after account into it, and keeps what became of each. */
export const importStep = async (run: JobRun): Promise<JobStep> => {
  const { ports, integration, job } = run;
  const { names, ...place } = (job.place ?? { names: "" }) as ImportPlace & { names?: string };
  const wanted = job.input as unknown as ImportWanted;
  await requireScan(run, wanted);
  if (names !== undefined) {
    const next = await noteNames(run, names === "" ? undefined : names, namesDays);
    return { place: { ...place, ...(next !== undefined && { names: next }) } };
  }
  const context: Context = { ports, integration, call: importCall(run) };
  const { picks, rows: leftOut, next } = await nextPicks(run, place);
  const { there, gone } = await stillThere(context, picks, wanted);
  const rows = [...leftOut, ...gone, ...(await importAll(run, context, there))];
  const done = rows.filter(({ result }) => result === "created" || result === "linked");
  await putInGroup(
    context,
    wanted.groupId,
    done.flatMap(({ userId }) => userId ?? []),
  );
  await ports.integrationJobs.putItems(
    job,
    rows.map((row) => ({ place: rowPlaceOf(row.remoteId), data: { ...row } as JsonObject })),
    rowDays,
  );
  const taken = await noteTaken(run, there, done);
  const counts = { ...job.counts };
  for (const { result } of rows) counts[result] = (counts[result] ?? 0) + 1;
  const total = wanted.users?.length;
  return {
    counts,
    progress: { done: job.progress.done + rows.length, ...(total !== undefined && { total }) },
    place: { ...next, taken: (place.taken ?? 0) + taken } as JsonObject,
    ...(!next && { status: "done" }),
  };
};

/** @throws Failure `not-found` where the scan is no longer good: its ids may be those of other people by now */
const requireScan = async ({ ports, integration }: JobRun, { scanId }: ImportWanted): Promise<void> => {
  const scan = await ports.integrationJobs.read({
    integrationId: integration.integrationId,
    jobId: scanId,
  });
  if (scan && isOfConnection(integration, scan)) return;
  throw new Failure(
    "not-found",
    "The base URL or the credentials of the integration were changed since its accounts were scanned. Scan again, and import those who are missing.",
  );
};

/** All that the job does is one act. */
const importCall = ({ job, until }: JobRun) => {
  const call = callOfJob(job, until);
  return { ...call, actor: { ...call.actor, correlation: { id: job.jobId, type: "user_import" } } };
};

type Picked = Picks["picks"];

/** What a scan of long ago has shown is read once more. One that cannot be read keeps nobody else out. */
const stillThere = async (
  context: Context,
  picks: Picked,
  { scannedAt }: ImportWanted,
): Promise<{ there: Picked; gone: ImportRow[] }> => {
  const { ports } = context;
  if (picks.length === 0 || ports.clock.now() < scannedAt + freshMs) return { there: picks, gone: [] };
  const provider = await openReader(context);
  const read = await concurrently(picks, atOnce, (picked) => readAgain(context, provider, picked));
  return {
    there: read.flatMap((one) => ("pick" in one ? [one] : [])),
    gone: read.flatMap((one) => ("result" in one ? [one] : [])),
  };
};

/** The account as it is now, or its row. */
const readAgain = async (
  context: Context,
  provider: ServiceProvider,
  { item, pick }: Picked[number],
): Promise<Picked[number] | ImportRow> => {
  const { remoteId } = pick;
  const title = titleOf(accountIn(item));
  const failed = (error: string): ImportRow => ({ remoteId, result: "failed", error });
  return reading(context, `Reading account ${title} failed`, async () => {
    try {
      const account = await provider.readUser(remoteId);
      if (!account) return failed(`Account ${title} is no longer at the service provider. Scan again.`);
      const { shown, tooLong } = toAccount(context.integration, account);
      const data = { ...omit(item.data, "tooLong"), shown, ...(tooLong && { tooLong }) };
      return { item: { ...item, data }, pick };
    } catch (error) {
      if (!(error instanceof ProviderFailure) || !ofOne.has(error.kind)) throw error;
      return failed(toFailure(error, `Reading account ${title} failed`).detail);
    }
  });
};

/** Failures that are about the account that was asked for, and not about the service provider. */
const ofOne: ReadonlySet<ProviderFailure["kind"]> = new Set(["rejected", "malformed"]);

/** Those that share an address go one after the other: the second meets the user whom the first has made. */
const importAll = async (run: JobRun, context: Context, picks: Picked): Promise<ImportRow[]> => {
  const { job } = run;
  const accounts = picks.map(({ item }) => accountIn(item));
  const matches = await matchAccounts(context, accounts, job);
  const managers = await linkedUsers(
    context,
    accounts.flatMap(({ shown }) => asText(shown[managerTarget]) || []),
  );
  const { matched } = job.input as unknown as ImportWanted;
  const work = {
    ...context,
    job,
    matched,
    managerOf: (remoteId: string) => managers.get(remoteId),
  };
  const alike = Map.groupBy(picks, ({ item }) => addressesOf(accountIn(item).shown)[0] ?? item.place);
  const rows = await concurrently([...alike.values()], atOnce, async (some) => {
    const own: ImportRow[] = [];
    for (const [index, { item, pick }] of some.entries()) {
      const account = accountIn(item);
      const match = index === 0 ? matches.get(account.remoteId) : undefined;
      const now = match ?? (await matchAccounts(context, [account], job)).get(account.remoteId);
      if (now) own.push(await importAccount(work, { account, match: now, pick }));
    }
    return own;
  });
  return rows.flat();
};

const putInGroup = async (
  { ports, call }: Context,
  groupId: string | undefined,
  userIds: string[],
): Promise<void> => {
  if (groupId === undefined || userIds.length === 0) return;
  await changeDirectoryGroup({ ports, call }, groupId, async (base) => {
    const { name, version } = existingGroup(base, groupId);
    const members = await ports.groups.membersAmong(groupId, version, userIds);
    const add = [...new Set(userIds)].filter((userId) => !members.has(userId));
    return add.length === 0 ? undefined : { name, add, remove: [] };
  });
};

/** The list of the scan shows whose they are. @returns how many of them were new in it */
const noteTaken = async ({ ports, job }: JobRun, picks: Picked, rows: ImportRow[]): Promise<number> => {
  const { scanId } = job.input as unknown as ImportWanted;
  const users = new Map(rows.map(({ remoteId, userId }) => [remoteId, userId]));
  const taken = picks.flatMap(({ item }): JobItem[] => {
    const account = accountIn(item);
    const userId = users.get(account.remoteId);
    if (userId === undefined) return [];
    return [toAccountItem({ ...account, status: "linked", userId, importedBy: job.jobId }, item.place)];
  });
  await ports.integrationJobs.putItems({ ...job, jobId: scanId }, taken, scanDays);
  return picks.filter(({ item }) => {
    const { remoteId, status, importedBy } = accountIn(item);
    return (
      users.has(remoteId) && item.place.startsWith("N#") && (status === "new" || importedBy === job.jobId)
    );
  }).length;
};
