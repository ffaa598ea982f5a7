import { acts } from "./acts.ts";
import { apply } from "./apply.ts";
import { automatic } from "./automatic.ts";
import { bind } from "./bind.ts";
import { bundles } from "./bundles.ts";
import { coldStart } from "./cold-start.ts";
import { cost } from "./cost.ts";
import { front } from "./front.ts";
import type { FrontOptions } from "./front-options.ts";
import { importAccounts } from "./import.ts";
import { largeGroup } from "./large-group.ts";
import { latency } from "./latency.ts";
import { plan } from "./plan.ts";
import { throughput } from "./throughput.ts";
import { verify } from "./verify.ts";

/** A part of the bench: it prints its tables, each figure beside a baseline that was measured in the same run. */
export type Section = { name: string; title: string; run: (options: FrontOptions) => Promise<void> };

export const sections: Section[] = [
  { name: "bundles", title: "Bundles: size and import time of each Lambda", run: bundles },
  { name: "latency", title: "Latency of a provision call", run: latency },
  { name: "cost", title: "Cost of each operation", run: cost },
  { name: "group", title: "One member more in a group of 100,000", run: () => largeGroup() },
  { name: "bind", title: "Bind of a group whose members are in sync", run: () => bind() },
  { name: "cold-start", title: "Start of the embedded run", run: coldStart },
  { name: "acts", title: "Processor time and bytes written of a create and an update", run: () => acts() },
  { name: "front", title: "Through the HTTP front", run: front },
  { name: "throughput", title: "Throughput, without a limit and within one", run: () => throughput() },
  { name: "automatic", title: "Changes of the directory that arrive by themselves", run: () => automatic() },
  { name: "plan", title: "Plan of what is in step", run: () => plan() },
  { name: "verify", title: "Verification of all", run: () => verify() },
  { name: "apply", title: "Apply to an empty provider", run: () => apply() },
  { name: "import", title: "Scan and import of accounts", run: () => importAccounts() },
];
