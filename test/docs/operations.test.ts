import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createLocalFigures } from "../../infra/local/figures.ts";
import { metrics } from "../../shared/model/metric.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const rowsOf = (heading: string): string[][] => {
  const [, section = ""] =
    new RegExp(`^## ${heading}\n([\\s\\S]*?)(^## |$(?![\\s\\S]))`, "m").exec(read("docs/operations.md")) ??
    [];
  return section
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| |[`|]/g, "").trim()));
};

test("every figure is described under both of its names", async () => {
  const figures = createLocalFigures();
  const names = [...(await figures.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  const shown = names.map(([, name, type]) => (type === "counter" ? `${name}_total` : name));
  expect(rowsOf("Figures").map(([name, own]) => [name, own])).toEqual(
    Object.keys(metrics).map((name, at) => [name, shown[at] ?? "none"]),
  );
});

test("every line of the log is described with all its fields", () => {
  const [, list = ""] = /export type Lines = \{([\s\S]*)\};/.exec(read("shared/telemetry/lines.ts")) ?? [];
  const lines = [...list.matchAll(/"([a-z-]+)": \{([^}]*)\}/g)].map(([, message = "", fields = ""]) => ({
    message,
    fields: [...fields.matchAll(/(\w+)\??:/g)].map(([, field]) => field),
  }));
  expect(lines.length).toBeGreaterThan(5);
  const rows = new Map(rowsOf("Logs").map(([message = "", , fields = ""]) => [message, fields]));
  expect([...rows.keys()].sort()).toEqual([...lines.map(({ message }) => message), "failed"].sort());
  for (const { message, fields } of lines)
    for (const field of fields) expect(rows.get(message), message).toMatch(new RegExp(`\\b${field}\\b`));
});
