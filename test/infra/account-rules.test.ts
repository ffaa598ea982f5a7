import { Template } from "aws-cdk-lib/assertions";
import { LogRetention, RetentionDays } from "aws-cdk-lib/aws-logs";
import { expect, test } from "vitest";
import { readSettings } from "../../infra/settings.ts";
import { addUsherStack } from "../../infra/usher-stack.ts";
import { newApp, plain, sampleFolder, synthesize } from "./support.ts";

const boundaries = (template: Template): Set<string> =>
  new Set(
    Object.values(template.findResources("AWS::IAM::Role")).map(({ Properties: { PermissionsBoundary } }) =>
      PermissionsBoundary === undefined ? "none" : plain(PermissionsBoundary),
    ),
  );

test("no role has a boundary by default", () => {
  expect(boundaries(synthesize().template)).toEqual(new Set(["none"]));
});

test("every role has the boundary that is named", () => {
  const { template } = synthesize({ permissionsBoundary: "developer-boundary" });
  expect(boundaries(template)).toEqual(
    new Set(["arn:<AWS::Partition>:iam::<AWS::AccountId>:policy/developer-boundary"]),
  );
});

test("a custom resource that is added later is bounded like the rest", () => {
  const arn = "arn:aws:iam::111122223333:policy/org/developer-boundary";
  const app = newApp({ permissionsBoundary: arn });
  const stack = addUsherStack(app, { settings: readSettings(app.node), routes: [], folder: sampleFolder });
  new LogRetention(stack, "Late", { logGroupName: "/late", retention: RetentionDays.ONE_DAY });
  const template = Template.fromStack(stack);
  expect(Object.keys(template.findResources("AWS::IAM::Role")).join()).toContain("LogRetention");
  expect(boundaries(template)).toEqual(new Set([arn]));
});

test("tags are the stack's, from where CloudFormation gives them to everything in it", () => {
  const { stack } = synthesize({ tags: "Team=IT,CostCenter=42" });
  expect(stack.tags.tagValues()).toEqual({ Team: "IT", CostCenter: "42" });
});
