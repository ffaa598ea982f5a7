import { type Environment, type LambdaSpec, type Surroundings, startEnvironment } from "./environment.ts";
import type { Outcome } from "./runtime-api.ts";

export type Lambda = { spec: LambdaSpec; invoke(event: unknown): Promise<Outcome> };
export type LambdaService = {
  lambda(spec: LambdaSpec): Lambda;
  /** Ends all processes of a Lambda, whatever they do. */
  kill(name: string): void;
  close(): void;
};

/** Lambda ends what has stood still for long; here, so that the memory of this machine lasts. */
const keptAtMost = 24;

/** Runs Lambdas: a process that stands still takes the next invocation, else another one is started. */
export const startLambdaService = (around: Surroundings): LambdaService => {
  /** Those that stand still, the longest first. */
  const idle: { name: string; environment: Environment }[] = [];
  const all: { name: string; environment: Environment }[] = [];
  const take = (name: string): Environment | undefined => {
    const at = idle.findLastIndex((one) => one.name === name && one.environment.isAlive());
    return at < 0 ? undefined : idle.splice(at, 1)[0]?.environment;
  };
  const start = async (spec: LambdaSpec): Promise<Environment> => {
    const environment = await startEnvironment(spec, around);
    all.push({ name: spec.name, environment });
    return environment;
  };
  return {
    lambda: (spec) => ({
      spec,
      async invoke(event) {
        const environment = take(spec.name) ?? (await start(spec));
        const outcome = await environment.invoke(event);
        if (environment.isAlive()) idle.push({ name: spec.name, environment });
        while (idle.length > keptAtMost) idle.shift()?.environment.stop();
        return outcome;
      },
    }),
    kill(name) {
      for (const one of all) if (one.name === name) one.environment.stop();
    },
    close() {
      for (const { environment } of all) environment.stop();
    },
  };
};
