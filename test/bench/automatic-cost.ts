import { setTimeout as sleep } from "node:timers/promises";
import { printTable } from "./figures.ts";
import type { Operation } from "./observe-store.ts";
import { type Observed, person, type Stage, startStage } from "./stage.ts";

/** A sweep clears the mark of a call on demand once the call's time is over. */
const untilSweptMs = 40_000;
type Seen = Omit<Observed, "answer">;

/** Write units of a change of the directory that arrives by itself, beside the same change on demand, by part. */
export const automaticCost = async (): Promise<void> => {
  const stage = await startStage(0);
  for (const id of ["first", "ada", "bob"]) await stage.call("PUT", `/users/${id}`, person(id));
  await inSync(stage, "bob");
  const demanded = await stage.watch(async () => {
    await stage.call("PUT", "/users/ada", person("ada", "Director"));
    await sleep(untilSweptMs);
  });
  const itself = await stage.watch(async () => {
    await stage.callUsher("PUT", "/users/bob", person("bob", "Director"));
    await inSync(stage, "bob");
    await sleep(1_000);
  });
  const parts = [...new Set([...unitsByPart(demanded).keys(), ...unitsByPart(itself).keys()])].sort();
  const rows = parts.map((part) => {
    const [one, other] = [demanded, itself].map((seen) => unitsByPart(seen).get(part) ?? 0) as [
      number,
      number,
    ];
    return [part, one, other, other - one];
  });
  const totals = [demanded, itself].map(totalUnits) as [number, number];
  printTable(
    ["write units of a change, indexes included", "on demand", "by itself", "more"],
    [...rows, ["all", ...totals, totals[1] - totals[0]]],
  );
  console.log("(aim: at most 8 more, the event of the directory aside)");
  console.log(`requests to the provider: ${demanded.requests.length} and ${itself.requests.length}`);
  const nothing = await stage.watch(async () => {
    await stage.callUsher("PUT", "/users/bob", person("bob", "Director"));
    await stage.call("PUT", "/users/ada", person("ada", "Director"));
    await sleep(1_000);
  });
  console.log(`write units of changes that change nothing: ${totalUnits(nothing)} (aim 0)\n`);
  await stage.close();
};

const inSync = async (stage: Stage, userId: string): Promise<void> => {
  while ((await stage.call("GET", `/users/${userId}`)).body.state !== "in_sync") await sleep(20);
};

const unitsOf = ({ tableWriteUnits, indexWriteUnits }: Operation): number =>
  tableWriteUnits + indexWriteUnits;
const totalUnits = ({ operations }: Seen): number =>
  operations.reduce((sum, operation) => sum + unitsOf(operation), 0);

const unitsByPart = ({ operations }: Seen): Map<string, number> => {
  const parts = new Map<string, number>();
  for (const operation of operations) {
    if (unitsOf(operation) === 0) continue;
    const part = partOf(operation);
    parts.set(part, (parts.get(part) ?? 0) + unitsOf(operation));
  }
  return parts;
};

/** Which item is written, and what for. */
const partOf = ({ isEvent, input }: Operation): string => {
  const change = String(input.UpdateExpression ?? "");
  if (isEvent)
    return JSON.stringify(input).includes("_provision") ? "event of the attempt" : "event of the directory";
  const keys = (input.Key ?? input.Item) as { pk?: { S?: string }; sk?: { S?: string } } | undefined;
  const [kind = ""] = (keys?.pk?.S ?? "several").split("#");
  if (keys?.sk?.S?.startsWith("LINK#")) return `link: ${whatOfLink(change)}`;
  if (keys?.sk?.S === "PROFILE") return input.Item ? "user: saved" : "user: mark taken away";
  return kind.toLowerCase();
};

const whatOfLink = (change: string): string => {
  if (change.includes("#settledAttempt")) return "attempt ends";
  if (change.includes("#attempt")) return "attempt begins or goes on";
  return change.includes("#work") ? "marked" : "other";
};
