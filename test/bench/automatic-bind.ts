import { setTimeout as sleep } from "node:timers/promises";
import { inBulk } from "./automatic-stage.ts";
import { mebibytes, printTable } from "./figures.ts";
import { person, type Stage, startStage } from "./stage.ts";

/** Members of one call. */
const chunk = 10_000;

/**
 * A group that gets `size` members whose accounts are there: how it comes into being by itself, beside the bind of the
 * same members on demand. Each is done twice, once timed and once observed.
 */
export const automaticBind = async (size: number): Promise<void> => {
  const stage = await startStage(0);
  const ids = Array.from({ length: size }, (_, nth) => `member-${nth}`);
  await inBulk([...ids.keys()], (nth) => stage.call("PUT", `/users/member-${nth}`, person(`member-${nth}`)));
  const peakBefore = await stage.peakBytes();
  const rows: (string | number)[][] = [];
  for (const [name, bind] of [
    ["on demand", bindOnDemand],
    ["by itself", bindByItself],
  ] as const) {
    const began = { at: performance.now(), cpu: await stage.cpuMs() };
    await bind(stage, `timed-${name.at(0)}`, ids);
    const ms = performance.now() - began.at;
    const cpu = (await stage.cpuMs()) - began.cpu;
    const peak = await stage.peakBytes();
    const { requests, operations } = await stage.watch(() => bind(stage, `seen-${name.at(0)}`, ids));
    const calls = (operations.length / size).toFixed(2);
    rows.push([name, ms.toFixed(0), cpu.toFixed(0), calls, requests.length, mebibytes(peak)]);
  }
  console.log(`a group of ${size}, all of whom are there (peak before: ${mebibytes(peakBefore)})`);
  const most = `requests (aim ${Math.ceil(size / 100) + 2})`;
  printTable(["bind", "ms", "ms of processor", "store calls a member", most, "peak"], rows);
  await stage.close();
};

const bindOnDemand = async (stage: Stage, groupId: string, ids: string[]): Promise<void> => {
  await save(stage, groupId, ids);
  await untilInSync(stage, groupId, () => stage.call("PUT", `/groups/${groupId}`, { name: groupId }));
};

/** The group is bound while nobody is in it; then all join. */
const bindByItself = async (stage: Stage, groupId: string, ids: string[]): Promise<void> => {
  await save(stage, groupId, []);
  await stage.call("PUT", `/groups/${groupId}`, { name: groupId });
  await save(stage, groupId, ids);
  await untilInSync(stage, groupId, () => sleep(100));
};

const save = async ({ callUsher }: Stage, groupId: string, ids: string[]): Promise<void> => {
  await callUsher("PUT", `/groups/${groupId}`, { name: groupId, members: ids.slice(0, chunk) });
  for (let from = chunk; from < ids.length; from += chunk)
    await callUsher("POST", `/groups/${groupId}/members`, { add: ids.slice(from, from + chunk) });
};

/** The remote id tells that it was created; a group without members is in sync, too. */
const untilInSync = async (stage: Stage, groupId: string, again: () => Promise<unknown>): Promise<void> => {
  const isThere = async () => {
    const answer = await stage.call("GET", `/groups/${groupId}`).catch(() => undefined);
    return answer?.body.state === "in_sync" && answer.body.remoteId !== undefined;
  };
  while (!(await isThere())) await again();
};
