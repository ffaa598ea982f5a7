import { concurrently } from "../common/concurrently.ts";
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
import type { Context } from "../provisioning/ports/ports.ts";
import { accountIn, rowPlaceOf, scanDays, toAccountItem } from "./account-items.ts";
import { importAccount } from "./import-account.ts";
import { linkedUsers, matchAccounts } from "./match-accounts.ts";
import { type ImportPlace, nextPicks, type Picks } from "./picked-accounts.ts";
import { isOfConnection } from "./scan-connection.ts";
import { addressesOf } from "./shown-account.ts";
import type { ImportWanted } from "./start-import.ts";
import { stillThere } from "./still-there.ts";
import { noteNames } from "./user-names.ts";

const rowDays = 30;
/** For as long as an import may be tried again. */
const namesDays = 2;
const atOnce = 8;

/** Notes the names of the directory's users, then takes account after account into it, and keeps what became of each. */
export const importStep = async (run: JobRun): Promise<JobStep> => {
  const { ports, integration, job } = run;
  const { names, ...place } = (job.place ?? { names: "" }) as ImportPlace & { names?: string };
  const wanted = job.input as unknown as ImportWanted;
  if (!isOfConnection(integration, job))
    throw new Failure(
      "not-found",
      "The base URL or the credentials of the integration were changed since its accounts were scanned. Scan again, and import those who are missing.",
    );
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

/** All that the job does is one act. */
const importCall = ({ job, until }: JobRun) => {
  const call = callOfJob(job, until);
  return { ...call, actor: { ...call.actor, correlation: { id: job.jobId, type: "user_import" } } };
};

/** Those that share an address go one after the other: the second meets the user whom the first has made. */
const importAll = async (run: JobRun, context: Context, picks: Picks["picks"]): Promise<ImportRow[]> => {
  const { job } = run;
  const accounts = picks.map(({ item }) => accountIn(item));
  const matches = await matchAccounts(context, accounts, job);
  const managers = await linkedUsers(
    context,
    accounts.flatMap(({ shown }) => asText(shown[managerTarget]) || []),
  );
  const { matched, users } = job.input as unknown as ImportWanted;
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
      if (!now) continue;
      const row = await importAccount(work, { account, match: now, pick });
      // Of all, those in conflict are left where they are, unless they turned out to be in none.
      if (users || account.status !== "conflict" || row.result !== "failed") own.push(row);
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
const noteTaken = async (
  { ports, job }: JobRun,
  picks: Picks["picks"],
  rows: ImportRow[],
): Promise<number> => {
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
