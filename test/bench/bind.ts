import { fileURLToPath } from "node:url";
import { printTable } from "./figures.ts";
import { person, startStage } from "./stage.ts";

/**
 * The bind of a group whose members have accounts that are in sync already: how long it takes, how many requests go to
 * the store for each member, and how many calls it needs. Each size is bound twice, once timed and once observed.
 */
export const bind = async (sizes = [500, 2_000]): Promise<void> => {
  const stage = await startStage(0);
  const ids = Array.from({ length: Math.max(...sizes) }, (_, at) => `member-${at}`);
  let next = 0;
  const lane = async () => {
    for (let id = ids[next++]; id !== undefined; id = ids[next++])
      await stage.call("PUT", `/users/${id}`, person(id));
  };
  await Promise.all(Array.from({ length: 16 }, lane));
  const rows: (string | number)[][] = [];
  for (const size of sizes) {
    const members = ids.slice(0, size);
    const began = { at: performance.now(), cpu: await stage.cpuMs() };
    let calls = 1;
    const name = `Timed ${size}`;
    while ((await stage.call("PUT", `/groups/timed-${size}`, { name, members })).status === 202) calls += 1;
    const ms = performance.now() - began.at;
    const cpu = (await stage.cpuMs()) - began.cpu;
    const { operations } = await stage.observe("PUT", `/groups/seen-${size}`, {
      name: `Seen ${size}`,
      members,
    });
    const counts = new Map<string, number>();
    for (const { command, isEvent } of operations) {
      const kind = `${command.replace("Command", "")}${isEvent ? " of events" : ""}`;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    const each = [...counts].map(([kind, count]) => `${kind} ${count}`).join(", ");
    rows.push([size, calls, ms.toFixed(0), cpu.toFixed(0), (operations.length / size).toFixed(2), each]);
  }
  printTable(["members", "calls", "ms", "ms of processor", "store calls a member", "which"], rows);
  await stage.close();
};

/** Alone: `node test/bench/bind.ts [SIZE …]`. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = process.argv.slice(2).map(Number);
  await bind(sizes.length > 0 ? sizes : undefined);
}
