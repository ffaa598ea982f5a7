import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { credentialsSchema } from "../../shared/model/credentials.ts";
import { overridesSchema } from "../../shared/model/overrides.ts";
import { profileNames } from "../../shared/model/profile.ts";
import { profiles } from "../../shared/scim/profiles/profiles.ts";

const markdown = readFileSync(new URL("../../docs/service-providers.md", import.meta.url), "utf8");
const rows = markdown.split("\n").filter((line) => line.startsWith("| `"));

test("every profile and every override has its row, and nothing else has one", () => {
  const named = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`(\w[\w-]*)`/g)].map(([, name]) => name),
  );
  const fields = Object.keys(overridesSchema.shape);
  expect(named.toSorted()).toEqual([...profileNames, ...fields].toSorted());
});

test("the budget and the base URL of a row are the profile's", () => {
  for (const name of profileNames) {
    const row = rows.find((one) => one.startsWith(`| \`${name}\` |`))!;
    const { rateLimit, baseUrl } = profiles[name];
    const budget = rateLimit && `${rateLimit.perSecond}/s, burst ${rateLimit.burst.toLocaleString("en")}`;
    expect(row).toContain(budget ?? "| – |");
    if (baseUrl) expect(row).toContain(baseUrl);
  }
});

test("each kind of credentials is shown as it is taken", () => {
  const examples = [...markdown.matchAll(/^\{"type".*\}$/gm)].map(([line]) => JSON.parse(line));
  expect(examples.map(({ type }) => type)).toEqual(
    credentialsSchema.options.map(({ shape }) => shape.type.value),
  );
  for (const example of examples) expect(credentialsSchema.parse(example)).toEqual(example);
});
