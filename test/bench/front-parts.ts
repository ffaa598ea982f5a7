import type { Profiler } from "node:inspector/promises";

/** The parts of the service that processor time is told by. */
export const parts = ["front", "use case", "SDK", "store", "SCIM", "Node"] as const;
export type Part = (typeof parts)[number];
export type TimeByPart = Record<Part, number>;

/** By a file's path, for the folders of every commit so far; the first that matches counts. */
const owners: [RegExp, Part][] = [
  [/\/node_modules\/(@aws-sdk|@smithy|@aws)\//, "SDK"],
  [/\/node_modules\/(dynalite|abstract-level|classic-level|level[^/]*|memory-level)\//, "store"],
  [/\/infra\/local\/(front\/|http-|token|start|embedded-run)/, "front"],
  [/\/(infra\/local|shared\/aws)\//, "store"],
  [/\/shared\/scim\//, "SCIM"],
  [/\/(functions|shared\/http)\//, "front"],
  [/\/shared\/(audit|directory|integrations|mapping|model|provisioning|runtime)\//, "use case"],
];

const ownerOf = (url: string): Part | undefined => owners.find(([path]) => path.test(url))?.[1];

/**
 * Milliseconds of the main thread by part, by the clock. What has no part of its own, such as JSON.parse, SQLite or a
 * library, counts for the code that called it; "Node" is what nobody called: sockets, timers, the collection of
 * garbage. `store` is the code of the stores and the engine behind the SDK.
 */
export const timeByPart = ({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): TimeByPart => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const partOf = new Map<number, Part>();
  const visit = (id: number, caller: Part): void => {
    const node = byId.get(id);
    const part = ownerOf(node?.callFrame.url ?? "") ?? caller;
    partOf.set(id, part);
    for (const child of node?.children ?? []) visit(child, part);
  };
  if (nodes[0]) visit(nodes[0].id, "Node");
  const time = Object.fromEntries(parts.map((part) => [part, 0])) as TimeByPart;
  for (const [at, id] of samples.entries()) {
    const { functionName, url } = byId.get(id)?.callFrame ?? {};
    if (functionName === "(idle)" || url === "node:inspector") continue;
    time[partOf.get(id) ?? "Node"] += (timeDeltas[at] ?? 0) / 1000;
  }
  return time;
};
