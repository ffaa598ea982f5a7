import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Template } from "./values.ts";

const app = fileURLToPath(new URL("../../../infra/app.ts", import.meta.url));

export type Assembly = { folder: string; stackName: string; template: Template };

/**
 * Runs infra/app.ts as the CDK does: cdk-nag, and the bundles of all Lambdas as assets, into `folder`. Outside of the
 * repository no asset finds its packages, so that one that is not whole does not start.
 *
 * @param context as cdk.json has it
 */
export const synthesize = async (
  folder: string,
  context: Record<string, unknown> = {},
): Promise<Assembly> => {
  const environment = { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify(context) };
  await promisify(execFile)(process.execPath, [app], { env: environment, maxBuffer: 64 * 1024 * 1024 });
  const { artifacts } = readJson(folder, "manifest.json") as { artifacts: Record<string, Artifact> };
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === "aws:cloudformation:stack");
  const [[stackName = "", stack] = []] = stacks;
  if (stacks.length !== 1 || !stack) throw new Error(`the app has ${stacks.length} stacks; one was expected`);
  return { folder, stackName, template: readJson(folder, stack.properties.templateFile) as Template };
};

type Artifact = { type: string; properties: { templateFile: string } };

const readJson = (folder: string, name: string): unknown =>
  JSON.parse(readFileSync(join(folder, name), "utf8"));
