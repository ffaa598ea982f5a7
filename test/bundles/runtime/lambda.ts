import { type Environment, type LambdaSpec, type Surroundings, startEnvironment } from "./environment.ts";
import type { Outcome } from "./runtime-api.ts";

export type Lambda = {
  invoke(event: unknown): Promise<Outcome>;
  /** Starts a process ahead of its first invocation. */
  warm(): Promise<void>;
};
export type LambdaService = {
  lambda(spec: LambdaSpec): Lambda;
  /** Ends all processes of a Lambda, whatever they do. */
  kill(name: string): void;
  close(): void;
};

/** Lambda ends what has stood still for long; here, so that the memory of this machine lasts: a process takes 60 MB. */
const keptAtMost = 64;

/** Runs Lambdas: a process that stands still takes the next invocation, else another one is started. */
export const startLambdaService = (around: Surroundings): LambdaService => {
  type Running = { spec: LambdaSpec; environment: Environment };
  /** Those that stand still, the longest first. */
  const idle: Running[] = [];
  const all: Running[] = [];
  const take = (spec: LambdaSpec): Running | undefined => {
    const at = idle.findLastIndex((one) => one.spec === spec && one.environment.isAlive());
    return at < 0 ? undefined : idle.splice(at, 1)[0];
  };
  const start = async (spec: LambdaSpec): Promise<Running> => {
    const running = { spec, environment: await startEnvironment(spec, around) };
    all.push(running);
    return running;
  };
  return {
    lambda: (spec) => ({
      async warm() {
        const running = await start(spec);
        await running.environment.ready;
        idle.push(running);
      },
      async invoke(event) {
        const running = take(spec) ?? (await start(spec));
        const outcome = await running.environment.invoke(event);
        if (running.environment.isAlive()) idle.push(running);
        while (idle.length > keptAtMost) idle.shift()?.environment.stop();
        return outcome;
      },
    }),
    kill(name) {
      for (const { spec, environment } of all) if (spec.name === name) environment.stop();
    },
    close() {
      for (const { environment } of all) environment.stop();
    },
  };
};
