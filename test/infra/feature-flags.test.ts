import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { featureFlags } from "./support.ts";

test("every feature flag has the value that this version of the CDK recommends", () => {
  const recommended = JSON.parse(
    readFileSync(new URL(import.meta.resolve("aws-cdk-lib/recommended-feature-flags.json")), "utf8"),
  );
  expect(featureFlags).toEqual(recommended);
});
