import { fileURLToPath } from "node:url";
import { mebibytes, printTable } from "./figures.ts";
import { type JobStage, startJobStage } from "./jobs-stage.ts";

const members = 20;
const pageSize = 100;
const drifted = 50;

/**
 * A verification of `users`, twenty of whom are in each group, as it finds nothing, as it finds what somebody did by hand,
 * and as the lists hide the members of groups.
 */
export const verify = async (users = 10_000): Promise<void> => {
  const stage = await startJobStage();
  await stage.makeTeam(members);
  const groups = Math.ceil(users / members);
  await stage.copy({ from: 1, to: groups });
  await stage.askProvider("copy", 1, groups);
  const size = { users: groups * members, groups };
  const rows = [await measure(stage, "all as it should be", size, 0)];
  await stage.askProvider("drift", drifted);
  const findings = drifted * 2;
  const left = { users: size.users - drifted, groups };
  rows.push(await measure(stage, `${drifted} changed and ${drifted} gone by hand`, left, findings));
  await stage.askProvider("hideMembers");
  rows.push(await measure(stage, "the same, lists hide members", left, findings + groups));
  console.log(
    `${size.users} users and ${groups} groups; aim of requests: ⌈N/${pageSize}⌉ + ⌈G/${pageSize}⌉, + 1 for each finding and for each group whose members are hidden`,
  );
  printTable(
    ["verification", "s", "objects/s", "requests", "aim", "findings", "items written", "above idle"],
    rows,
  );
  await stage.close();
};

const measure = async (
  stage: JobStage,
  name: string,
  { users, groups }: { users: number; groups: number },
  further: number,
): Promise<(string | number)[]> => {
  const { job, ms, bytesAbove, requests, store } = await stage.run("/syncs", { mode: "verify" });
  const { counts } = job;
  return [
    name,
    (ms / 1000).toFixed(1),
    (((users + groups) * 1000) / ms).toFixed(0),
    requests.length,
    Math.ceil(users / pageSize) + Math.ceil(groups / pageSize) + further,
    Object.entries(counts)
      .map(([finding, count]) => `${count} ${finding}`)
      .join(", ") || "none",
    store.writtenItems,
    mebibytes(bytesAbove),
  ];
};

/** Alone: `node test/bench/verify.ts [USERS]`. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [users] = process.argv.slice(2).map(Number);
  await verify(users);
}
