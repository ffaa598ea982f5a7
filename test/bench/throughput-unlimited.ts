import { availableParallelism } from "node:os";
import { mebibytes, ms, percent } from "./figures.ts";
import { startChild, startStage } from "./throughput-stage.ts";

const latencyMs = 25;
const inFlight = 8;
/** More callers than requests in flight: while some are at the provider, others are at the store. */
const callers = inFlight * 3;

type Stage = Awaited<ReturnType<typeof startStage>>;
type CpuMs = { caller: number; store: number; provider: number };

/**
 * How fast `users` new users get into a provider without a limit, beside a bare loop that sends the same requests. The
 * service runs with its store on the same cores, which the bare loop has for itself: the processor time that a user
 * takes tells what these cores allow at most. Callers in two processes are no faster on two cores.
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
  await measure(stage, users, bareRate);
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

const measure = async (stage: Stage, users: number, bareRate: number): Promise<void> => {
  const caller = await stage.startCaller({ lanes: callers, prefix: "new", users });
  const before = await stage.cpuMs();
  const done = await caller.work<Record<string, number>>();
  const after = await stage.cpuMs();
  await caller.end();

  const rate = (users * 1000) / done.ms;
  const cpu: CpuMs = {
    caller: done.cpuMs / users,
    store: (after.store - before.store) / users,
    provider: (after.provider - before.provider) / users,
  };
  const most = ceiling(cpu);
  const cores = availableParallelism();
  console.log(
    `use case, ${callers} callers in one process: ${rate.toFixed(1)} users/s, ${percent(rate / bareRate)} of the bare loop (aim 90 %), peak ${mebibytes(done.peakBytes)}`,
  );
  console.log(
    `processor a user: caller ${ms(cpu.caller)} ms, store ${ms(cpu.store)} ms, provider ${ms(cpu.provider)} ms: at most ${most.toFixed(1)} users/s (${percent(most / bareRate)}) on ${cores} cores that do nothing else`,
  );
  if (Object.keys(done.result).length > 0) console.log("failures:", done.result);
};

/** Users a second if nothing else ran: the caller has one core at most, and all together have those of the machine. */
const ceiling = ({ caller, store, provider }: CpuMs): number =>
  1000 / Math.max(caller, (caller + store + provider) / availableParallelism());
