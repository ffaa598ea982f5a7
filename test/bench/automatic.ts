import { fileURLToPath } from "node:url";
import { automaticBind } from "./automatic-bind.ts";
import { automaticCost } from "./automatic-cost.ts";
import { automaticLimit } from "./automatic-limit.ts";
import { type AutomaticStage, inBulk, offer, startAutomaticStage } from "./automatic-stage.ts";
import { mebibytes, ms, percent, percentile } from "./figures.ts";
import { clockNow } from "./throughput-provider.ts";

const latencyMs = 25;
const perSecond = 30;
/** A process that reads secrets and compiles for the first time is slow. */
const warmUpSeconds = 3;

/** What a change of the directory takes to arrive by itself, beside calls on demand in the same run. */
export const automatic = async (users = 1_000, seconds = 15): Promise<void> => {
  const leavers = Array.from({ length: 5 }, (_, at) => users + at);
  const stage = await startAutomaticStage({ latencyMs, atOnce: 100 }, users + leavers.length);
  await latency(stage, users, seconds);
  await burst(stage, users, leavers);
  console.log(`embedded run: peak ${mebibytes(await stage.close())}\n`);
  for (const kind of ["window", "bucket"] as const) await automaticLimit(kind, seconds * 2);
  await automaticCost();
  await automaticBind(users);
};

/** From the answer to a change of the directory, or from a call on demand, to the provider's PATCH. */
const latency = async (stage: AutomaticStage, users: number, seconds: number): Promise<void> => {
  type Act = (nth: number, title: string) => Promise<number>;
  const measure = async (name: string, act: Act, forSeconds = seconds) => {
    const since = new Map<string, number>();
    await offer({ perSecond, seconds: forSeconds }, async (nth) => {
      const jobTitle = `change-${name}${nth}`;
      since.set(jobTitle, await act(nth % users, jobTitle));
    });
    const names = [...since.keys()];
    const waits = (await stage.arrivalsOf(names)).map((at, nth) =>
      Math.max(0, at - (since.get(names[nth] ?? "") ?? 0)),
    );
    return `p50 ${ms(percentile(waits, 0.5))} ms, p99 ${ms(percentile(waits, 0.99))} ms`;
  };
  const save: Act = async (nth, jobTitle) => {
    await stage.save(nth, { jobTitle });
    return clockNow();
  };
  const demand: Act = async (nth, jobTitle) => {
    const sent = clockNow();
    await stage.callFor(nth, { jobTitle });
    return sent;
  };
  await measure("warm", save, warmUpSeconds);
  await measure("warmer", demand, warmUpSeconds);
  const itself = await measure("a", save);
  const demanded = await measure("d", demand);
  console.log(`${perSecond} changes/s offered for ${seconds} s, provider of ${latencyMs} ms`);
  console.log(`from the directory's answer to the provider's PATCH: ${itself} (aims < 100, < 1000)`);
  console.log(`from a call on demand to its PATCH: ${demanded}`);
};

/** All users changed at once; in the middle of it some lose their access. */
const burst = async (stage: AutomaticStage, users: number, leavers: number[]): Promise<void> => {
  const all = Array.from({ length: users }, (_, nth) => nth);
  const measure = async (name: string, act: (nth: number, jobTitle: string) => Promise<unknown>) => {
    const titleOf = (nth: number) => `change-${name}${nth}`;
    const before = await stage.cpuMs();
    const began = clockNow();
    await inBulk(all, (nth) => act(nth, titleOf(nth)));
    const saved = clockNow();
    const last = (await stage.arrivalsOf(all.map(titleOf))).reduce((a, b) => Math.max(a, b));
    const cpu = ((await stage.cpuMs()).store - before.store) / users;
    const rate = (users * 1000) / (last - began);
    console.log(
      `${name}: ${rate.toFixed(1)} changes/s (directory ${((users * 1000) / (saved - began)).toFixed(1)}/s), ${ms(cpu)} ms of processor each`,
    );
    return rate;
  };
  console.log(`\na burst of ${users} changes`);
  const demanded = await measure("demanded", (nth, jobTitle) => stage.callFor(nth, { jobTitle }));

  const waits: Promise<number>[] = [];
  const shutOut = async (nth: number, act: () => Promise<unknown>) => {
    await act();
    const answered = clockNow();
    const [at = 0] = await stage.arrivalsOf([stage.endOf(nth)]);
    return Math.max(0, at - answered);
  };
  const [caller = 0, ...silent] = leavers;
  const itself = await measure("automatic", async (nth, jobTitle) => {
    const turn = silent.findIndex((_, at) => nth === Math.floor((users * (at + 1)) / silent.length) - 1);
    await stage.save(nth, { jobTitle });
    const leaver = silent[turn];
    if (leaver === undefined) return;
    waits.push(shutOut(leaver, () => stage.save(leaver, { suspended: true })));
    if (turn === 1) waits.push(shutOut(caller, () => stage.leave(caller)));
  });
  const late = (await Promise.all(waits)).map((wait) => ms(wait)).join(", ");
  console.log(`automatic ÷ demanded: ${percent(itself / demanded)} (aim 60 %)`);
  console.log(`leavers in the burst, from the answer to the provider: ${late} ms (aim < 2000)\n`);
};

/** Alone: `node --expose-gc test/bench/automatic.ts [USERS] [SECONDS]`. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [users, seconds] = process.argv.slice(2).map(Number);
  await automatic(users, seconds);
}
