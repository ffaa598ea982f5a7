import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { optionNames } from "../../infra/settings.ts";

test("every option is in the one table of the docs, and no other", () => {
  const docs = readFileSync(new URL("../../docs/deploy.md", import.meta.url), "utf8");
  const [, section = ""] = /^## Options\n([\s\S]*?)^## /m.exec(docs) ?? [];
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  const named = rows.flatMap((row) =>
    [...(row.split(" | ")[0] ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(named.sort()).toEqual([...optionNames].sort());
});
