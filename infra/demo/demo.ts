import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedRun } from "../local/embedded-run.ts";
import { type Provider, startProvider } from "./provider.ts";
import { collectOutput, watchSecrets } from "./secret-watch.ts";
import { tellStory } from "./story.ts";

export type DemoOptions = {
  /** Called before the provider's state is compared for the last time: a test changes it there, and must be told. */
  beforeComparison?: (provider: Provider) => unknown;
};

/**
 * The main job from the activation to the audit, on a data folder of its own, against a real SCIM server.
 *
 * @returns the problems found, each a sentence: empty where provider, directory and audit agree
 */
export const runDemo = async ({ beforeComparison }: DemoOptions = {}): Promise<string[]> => {
  const problems: string[] = [];
  const tokens = {
    first: randomToken(),
    rotated: randomToken(),
    wrongAtStart: randomToken(),
    wrongAtReauth: randomToken(),
  };
  // Given to the run, which then keeps it in no file either.
  const token = randomToken();
  const secrets = watchSecrets({
    "the first token": tokens.first,
    "the rotated token": tokens.rotated,
    "the wrong token of the activation": tokens.wrongAtStart,
    "the wrong token of the reauth": tokens.wrongAtReauth,
    "the run's own token": token,
  });
  const output = collectOutput();
  const closers: (() => unknown)[] = [];
  try {
    const dataDir = makeDataFolder(closers);
    const provider = await startProvider(tokens.first);
    closers.push(provider.close);
    const run = await startEmbeddedRun({ port: 0, dataDir, token });
    closers.push(run.close);
    console.log(
      `Usher runs at ${run.url}, the service provider (SCIMMY, a SCIM server) at ${provider.baseUrl}`,
    );
    console.log(
      "Both end with the demo. Each line: what is done, the calls to Usher, its requests to the provider.\n",
    );
    const stage = { provider, run, dataDir, tokens, secrets, beforeComparison };
    await tellStory(stage, (problem) => problems.push(problem));
  } catch (error) {
    problems.push(`the demo stopped: ${error instanceof Error ? error.message : "unknown reason"}`);
  } finally {
    for (const close of closers.reverse()) await close();
    secrets.lookAt("the output", output.end());
  }
  return [...problems, ...secrets.found];
};

/** A fresh folder, which is removed at the end, however the process ends. */
const makeDataFolder = (closers: (() => unknown)[]): string => {
  const dataDir = mkdtempSync(join(tmpdir(), "usher-demo-"));
  const remove = () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
  process.once("exit", remove);
  closers.push(() => {
    process.off("exit", remove);
    remove();
  });
  return dataDir;
};

const randomToken = (): string => randomBytes(24).toString("base64url");
