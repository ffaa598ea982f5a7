import { existsSync } from "node:fs";
import { join } from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import { expect, test } from "vitest";
import { routes } from "../../functions/index.ts";
import { readSettings } from "../../infra/settings.ts";
import { addUsherStack, inner } from "../../infra/usher-stack.ts";
import { newApp } from "./support.ts";

const app = newApp();
const stack = addUsherStack(app, { settings: readSettings(app.node), routes });
const template = Template.fromStack(stack);

test("every Lambda of the real table has its file", () => {
  const names = [...routes.map(({ name }) => name), ...inner];
  const folder = join(import.meta.dirname, "..", "..", "functions");
  expect(names.filter((name) => !existsSync(join(folder, `${name}.ts`)))).toEqual([]);
  template.resourceCountIs("AWS::Lambda::Function", names.length);
});

test("the real stack is clean", () => {
  expect(new AwsSolutionsChecks().validateScope(stack).violations).toEqual([]);
});

test("the real stack has room under CloudFormation's limit of 500 resources", () => {
  const count = Object.keys(template.toJSON().Resources).length;
  expect(count, `${count} resources of 500`).toBeLessThan(450);
});

test("what docs/operations.md filters streams by is in the name of one Lambda alone", () => {
  // Begin of the names that CloudFormation gives.
  const given = Object.keys(template.findResources("AWS::Lambda::Function")).map((id) => `usher-${id}`);
  for (const name of [...routes.map((route) => route.name), ...inner])
    expect(given.filter((one) => one.includes(`-${name.replaceAll("-", "")}Function`))).toHaveLength(1);
});

test("every role has room under the 10,240 characters that its inline policies may have", () => {
  const sizes = Object.values(template.findResources("AWS::IAM::Role")).map(
    ({ Properties: { Policies: policies = [] } }) =>
      policies
        .map((one: { PolicyDocument: unknown }) => plainText(one.PolicyDocument).length)
        .reduce((sum: number, size: number) => sum + size, 0),
  );
  expect(Math.max(...sizes)).toBeGreaterThan(1_000);
  expect(Math.max(...sizes)).toBeLessThan(8_000);
});

/** As IAM counts it: without white space, and with names as long as CloudFormation makes them. */
const plainText = (document: unknown): string =>
  JSON.stringify(document, (_key, value) => {
    const isIntrinsic =
      typeof value === "object" && value !== null && /^(Ref|Fn::)/.test(Object.keys(value)[0] ?? "");
    return isIntrinsic ? "x".repeat(120) : value;
  });

test("only health, the API description and SCIM in, which asks for a token itself, are open", () => {
  const open = Object.values(template.findResources("AWS::ApiGatewayV2::Route"))
    .filter(({ Properties: properties }) => properties.AuthorizationType === "NONE")
    .map(({ Properties: properties }) => properties.RouteKey);
  expect(open.sort()).toEqual([
    "ANY /scim/v2/{proxy+}",
    "GET /health",
    "GET /openapi.json",
    "HEAD /health",
    "HEAD /openapi.json",
  ]);
});
