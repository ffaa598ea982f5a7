import { expect, test } from "vitest";
import { allowedBy, callsOf, idOf, sampleRoutes, statementsOf, synthesize } from "./support.ts";

const { template } = synthesize();
const api = callsOf(template);
const events = idOf(template, "AWS::DynamoDB::Table", "EventsTable");

const may = (policy: string, action: string, resource: string, from = template): boolean =>
  allowedBy(from, policy)(action, resource);

const callable = (policy: string): string[] =>
  sampleRoutes
    .filter(({ method, path }) => {
      const called = path.replace("{integrationId}", "int_1").replace(/\{\w+\}/g, "a.b@example.com");
      return may(policy, "execute-api:Invoke", `${api}${method}${called}`);
    })
    .map(({ name }) => name);

test("the admin may call every route, and unknown ones to be told so", () => {
  expect(callable("AdminPolicy")).toEqual(sampleRoutes.map(({ name }) => name));
  expect(may("AdminPolicy", "execute-api:Invoke", `${api}DELETE/nowhere`)).toBe(true);
});

test("the provisioner may change users and groups and read everything, but not run the lifecycle", () => {
  expect(callable("ProvisionerPolicy")).toEqual([
    "health",
    "read-integration",
    "save-user",
    "provision-user",
    "change-members",
    "query-events",
  ]);
});

test("the auditor may read, over the API and in the events table, and nothing more", () => {
  expect(callable("AuditorPolicy")).toEqual(["health", "read-integration", "query-events"]);
  expect(may("AuditorPolicy", "dynamodb:Query", `<${events}.Arn>`)).toBe(true);
  expect(may("AuditorPolicy", "dynamodb:GetItem", `<${events}.Arn>`)).toBe(true);
  expect(may("AuditorPolicy", "dynamodb:Query", `<${events}.Arn>/index/byFailure`)).toBe(true);
  const actions = statementsOf(template)
    .filter(({ owner }) => owner === idOf(template, "AWS::IAM::ManagedPolicy", "AuditorPolicy"))
    .flatMap((statement) => statement.actions);
  expect(new Set(actions)).toEqual(
    new Set(["execute-api:Invoke", "dynamodb:Query", "dynamodb:GetItem", "cloudformation:DescribeStacks"]),
  );
});

test("no policy reaches another API or another table", () => {
  const state = idOf(template, "AWS::DynamoDB::Table", "StateTable");
  for (const policy of ["AdminPolicy", "ProvisionerPolicy", "AuditorPolicy"]) {
    const resources = statementsOf(template)
      .filter(({ owner }) => owner === idOf(template, "AWS::IAM::ManagedPolicy", policy))
      .flatMap((statement) => statement.resources);
    for (const resource of resources) {
      const isOurs = resource.startsWith(api) || resource.startsWith(`<${events}.Arn>`);
      expect(isOurs || /:stack\/\w+\/\*$/.test(resource)).toBe(true);
      expect(resource).not.toContain(state);
    }
  }
});

test("with JWT callers there is only the auditor's policy, for the events table", () => {
  const { template: withJwt } = synthesize({
    issuer: "https://login.example.com/",
    audience: "a",
  });
  withJwt.resourceCountIs("AWS::IAM::ManagedPolicy", 1);
  expect(may("AuditorPolicy", "dynamodb:Query", `<${events}.Arn>`, withJwt)).toBe(true);
});
