import { readFileSync } from "node:fs";
import { handler as drain } from "../../functions/drain-integration.ts";
import { functions } from "../../functions/index.ts";
import { toContext } from "../../infra/local/front/http-event.ts";
import { allowLoopbackTargets } from "../../shared/runtime/services.ts";

/** One call of one Lambda in a process of its own: what it took, and the most memory that the process had. */
const [name = "", eventFile = ""] = process.argv.slice(2);
allowLoopbackTargets();
const event = JSON.parse(readFileSync(eventFile, "utf8"));
const began = performance.now();
const handler = functions.find(({ endpoint }) => endpoint.name === name)?.handler ?? drain;
const answer = (await handler(event as never, toContext(name, "memory"))) as {
  statusCode?: number;
  body?: string;
};
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const figures = {
  status: answer?.statusCode ?? 200,
  answerBytes: answer?.body?.length ?? 0,
  ms: Math.round(performance.now() - began),
  cpuMs: Math.round((userCPUTime + systemCPUTime) / 1000),
  maxRssMb: Math.round(maxRSS / 1024),
};
process.stdout.write(JSON.stringify(figures), () => process.exit(0));
