import { randomBytes } from "node:crypto";
import type { SmokeOptions } from "./arguments.ts";
import { createClient } from "./client.ts";
import { mainJob, type Step } from "./main-job.ts";

type Print = (line: string) => void;

/**
 * Runs the main job, one line per step, and takes away what it made, whatever came in between.
 *
 * @param stopped ends it after the step that is under way
 * @returns whether every step and all of the taking away went well
 */
export const runSmoke = async (
  options: SmokeOptions,
  print: Print,
  stopped?: AbortSignal,
): Promise<boolean> => {
  const runId = randomBytes(4).toString("hex");
  const tell = withoutSecrets(options, print);
  const client = createClient(options, `smoke-${runId}`);
  const undo: NonNullable<Step["undo"]>[] = [];
  tell(`smoke test ${runId} of ${options.url}`);
  let isWell = true;
  for (const step of mainJob(client, options, runId)) {
    if (stopped?.aborted) tell("stopped   what was made is taken away");
    if (stopped?.aborted || !isWell) break;
    if (step.undo) undo.push(step.undo);
    isWell = await carryOut(step, tell);
  }
  isWell &&= stopped?.aborted !== true;
  // The leaver is gone and the group empty by then; the integration goes last, since it holds the others.
  for (const step of undo.reverse()) isWell = (await carryOut(step, tell)) && isWell;
  tell(
    isWell
      ? "all is well, and nothing is left behind"
      : "it did not go well; each line that says FAILED tells why",
  );
  return isWell;
};

const carryOut = async ({ name, run }: Pick<Step, "name" | "run">, tell: Print): Promise<boolean> => {
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  try {
    await run();
    tell(`ok        ${name} (${seconds()})`);
    return true;
  } catch (error) {
    const { message, cause } = error as Error;
    const inner = cause instanceof Error ? ` (${cause.message})` : "";
    tell(`FAILED    ${name} (${seconds()}): ${message}${inner}`);
    return false;
  }
};

/** Whatever is printed, no secret is: a provider may repeat what it was sent. */
const withoutSecrets = ({ caller, target }: SmokeOptions, print: Print): Print => {
  const secrets = [target.token, ...("bearer" in caller ? [caller.bearer] : [])];
  return (line) => print(secrets.reduce((text, secret) => text.replaceAll(secret, "[redacted]"), line));
};
