import { availableParallelism } from "node:os";
import { mebibytes, ms, percent } from "./figures.ts";
import { type Done, startChild, startStage } from "./throughput-stage.ts";

const latencyMs = 25;
const inFlight = 8;
/** More callers than requests in flight: while some are at the provider, others are at the store. */
const callers = inFlight * 3;

type Stage = Awaited<ReturnType<typeof startStage>>;
type CpuMs = { callers: number; store: number; provider: number };

/**
 * How fast `users` new users get into a provider without a limit, beside a bare loop that sends the same requests. The
 * service runs with its store on the same cores, which the bare loop has for itself: the processor time that a user
 * takes tells what these cores allow at most.
 */
export const unlimited = async (users: number): Promise<void> => {
  const stage = await startStage({ latencyMs, atOnce: inFlight });
  const model = await recordOneUser(stage);
  console.log(`${users} users, ${model.length} requests each; ${inFlight} at a time at the provider`);
  const told = { origin: stage.origin, token: "bench-secret-token", lanes: inFlight, users, model };
  const bare = await startChild({ role: "bare", ...told });
  const { ms: bareMs, cpuMs, peakBytes: barePeak } = await bare.work();
  await bare.end();
  const bareRate = (users * 1000) / bareMs;
  console.log(
    `bare loop: ${bareRate.toFixed(1)} users/s, ${ms(cpuMs / users)} ms of processor a user, peak ${mebibytes(barePeak)}`,
  );
  for (const processes of [1, 2]) await measure(stage, users, processes, bareRate);
  console.log(`store: peak ${mebibytes(await stage.close())}\n`);
};

/** The requests that one new user takes, from which the bare loop makes its own. */
const recordOneUser = async (stage: Stage) => {
  const before = (await stage.counts()).firsts.length;
  const first = await stage.startCaller({ lanes: 1, prefix: "model", users: 1 });
  await first.work();
  await first.end();
  return (await stage.counts()).firsts.slice(before);
};

const measure = async (stage: Stage, users: number, processes: number, bareRate: number): Promise<void> => {
  const share = { lanes: callers / processes, users: users / processes };
  const children = await Promise.all(
    Array.from({ length: processes }, (_, nth) =>
      stage.startCaller({ ...share, prefix: `by${processes}-${nth}` }),
    ),
  );
  const before = await stage.cpuMs();
  const done = await Promise.all(children.map((child) => child.work<Record<string, number>>()));
  const after = await stage.cpuMs();
  await Promise.all(children.map((child) => child.end()));

  const rate = (users * 1000) / Math.max(...done.map((one) => one.ms));
  const cpu: CpuMs = {
    callers: done.reduce((sum, one) => sum + one.cpuMs, 0) / users,
    store: (after.store - before.store) / users,
    provider: (after.provider - before.provider) / users,
  };
  const most = ceiling(cpu, processes);
  console.log(
    `use case, ${callers} callers in ${processes} process${processes > 1 ? "es" : ""}: ${rate.toFixed(1)} users/s, ${percent(rate / bareRate)} of the bare loop (aim 90 %), peak ${peaks(done)}`,
  );
  console.log(
    `  processor a user: callers ${ms(cpu.callers)} ms, store ${ms(cpu.store)} ms, provider ${ms(cpu.provider)} ms: at most ${most.toFixed(1)} users/s (${percent(most / bareRate)}) on ${availableParallelism()} idle cores`,
  );
  for (const { result } of done) if (Object.keys(result).length > 0) console.log("failures:", result);
};

/** Users a second if nothing else ran: no process has more than a core, and all together have those of the machine. */
const ceiling = ({ callers: calling, store, provider }: CpuMs, processes: number): number => {
  const busiest = Math.max(calling / processes, store, provider);
  return 1000 / Math.max(busiest, (calling + store + provider) / availableParallelism());
};

const peaks = (done: Done<unknown>[]): string => done.map((one) => mebibytes(one.peakBytes)).join(" and ");
