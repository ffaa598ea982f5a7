import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { attentionKinds } from "../../shared/model/attention.ts";

const alerts = readFileSync("docs/alerts.md", "utf8");

test("docs/alerts.md says of each kind what to do, the worst first, and of nothing else", () => {
  const rows = [...alerts.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, kind]) => kind);
  expect(rows).toEqual([...attentionKinds]);
});
