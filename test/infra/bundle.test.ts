import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { App } from "aws-cdk-lib";
import { afterAll, expect, test } from "vitest";
import { readSettings } from "../../infra/settings.ts";
import { addUsherStack } from "../../infra/usher-stack.ts";
import type { Route } from "../../shared/http/endpoint.ts";
import { sampleFolder } from "./support.ts";

const outdir = mkdtempSync(join(tmpdir(), "usher-synth-"));
afterAll(() => rmSync(outdir, { recursive: true }));

test("each Lambda is deployed with its own code, which runs as it is", () => {
  const routes: Route[] = [
    {
      name: "read-thing",
      method: "GET",
      path: "/things",
      summary: "Read",
      role: "read",
      access: { state: { get: ["users"] } },
    },
  ];
  const app = new App({ outdir });
  addUsherStack(app, { settings: readSettings(app.node), routes, folder: sampleFolder });
  app.synth();

  // A file and not --eval, which would lend the bundle a global `require` that Lambda does not have.
  const runner = join(outdir, "run.mjs");
  writeFileSync(
    runner,
    "const { handler } = await import(process.argv[2]); console.log(JSON.stringify(await handler()));",
  );
  const answers = readdirSync(outdir)
    .filter((name) => name.startsWith("asset."))
    .map((bundle) => {
      expect(readdirSync(join(outdir, bundle))).toEqual(["index.mjs"]);
      const url = pathToFileURL(join(outdir, bundle, "index.mjs")).href;
      return JSON.parse(execFileSync(process.execPath, [runner, url], { encoding: "utf8" }));
    });
  expect(answers.sort((a, b) => a.name.localeCompare(b.name))).toEqual([
    { name: "adopt-table" },
    { name: "dispatch-changes" },
    { name: "drain-integration" },
    { name: "not-found" },
    { name: "read-thing", region: "eu-central-1", commonJs: "function" },
    { name: "recover-attempts" },
    { name: "report-tampering" },
    { name: "scim" },
    { name: "watch-integrations" },
  ]);
});
