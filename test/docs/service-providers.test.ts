import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkMappings } from "../../shared/mapping/check-mappings.ts";
import { defaultMapping } from "../../shared/mapping/default-mapping.ts";
import { enterpriseUrn } from "../../shared/mapping/scim-user-schema.ts";
import { credentialsSchema } from "../../shared/model/credentials.ts";
import { attributeMappingsSchema } from "../../shared/model/integration.ts";
import { overridesSchema } from "../../shared/model/overrides.ts";
import { profileNames } from "../../shared/model/profile.ts";
import { profiles } from "../../shared/scim/profiles/profiles.ts";

const markdown = readFileSync(new URL("../../docs/service-providers.md", import.meta.url), "utf8");
const rowsOf = (text = "") => text.split("\n").filter((line) => line.startsWith("| `"));
const [before = "", after = ""] = markdown.split("## What is sent of a user\n");
const [mapping, ...rest] = after.split("\n## ");
const rows = rowsOf([before, ...rest].join("\n"));

test("every profile and every override has its row in docs/service-providers.md, and nothing else has one", () => {
  const named = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`(\w[\w-]*)`/g)].map(([, name]) => name),
  );
  const fields = Object.keys(overridesSchema.shape);
  expect(named.toSorted()).toEqual([...profileNames, ...fields].toSorted());
});

test("the budget and the base URL of a row are the profile's", () => {
  for (const name of profileNames) {
    const row = rows.find((one) => one.startsWith(`| \`${name}\` |`)) ?? `no row of ${name}`;
    const { rateLimit, baseUrl } = profiles[name];
    const budget = rateLimit && `${rateLimit.perSecond}/s, burst ${rateLimit.burst.toLocaleString("en")}`;
    expect(row).toContain(budget ?? "| – |");
    if (baseUrl) expect(row).toContain(baseUrl);
  }
});

test("every row of the default mapping is a row of the docs, as required as it is", () => {
  const documented = rowsOf(mapping).map((row) => {
    const [, target = "", source = "", required = ""] = row.split("|").map((cell) => cell.trim());
    return {
      target: target.replaceAll("`", "").replace(/^enterprise:/, `${enterpriseUrn}:`),
      source: /^`(\w+)`/.exec(source)?.[1],
      required: required === "required",
    };
  });
  const sourceOf = { displayName: "displayname", active: undefined, managerRemoteId: "manager" };
  expect(documented).toEqual(
    defaultMapping.map((row) => ({
      target: row.target,
      source: "computed" in row ? sourceOf[row.computed] : row.source,
      required: row.required,
    })),
  );
});

test("the rows of attributeMappings that are shown are taken", () => {
  const [, example = ""] = /```json\n([\s\S]+?)```/.exec(mapping ?? "") ?? [];
  const shown = attributeMappingsSchema.parse(JSON.parse(example));
  expect(shown).toHaveLength(4);
  expect(checkMappings(shown)).toEqual([]);
});

test("each kind of credentials is shown as it is taken", () => {
  const examples = [...markdown.matchAll(/^\{"type".*\}$/gm)].map(([line]) => JSON.parse(line));
  expect(examples.map(({ type }) => type)).toEqual(
    credentialsSchema.options.map(({ shape }) => shape.type.value),
  );
  for (const example of examples) expect(credentialsSchema.parse(example)).toEqual(example);
});
