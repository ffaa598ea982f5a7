import { PermissionsBoundary, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import { ManagedPolicy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { AwsSolutionsChecks } from "cdk-nag";
import { expect, test } from "vitest";
import { routes } from "../../functions/index.ts";
import { readSettings } from "../../infra/settings.ts";
import { Usher } from "../../infra/usher.ts";
import { addUsherStack } from "../../infra/usher-stack.ts";
import { newApp, resourcesOf, synthesize } from "./support.ts";

const options = {
  organization: "Example Ltd",
  retentionDays: 30,
  alarmEmail: "ops@example.com",
  logDays: 30,
} as const;

/** Nothing is bundled here, and then the CDK names the code after its place in the app. */
const withoutAssets = (stack: Stack): unknown =>
  JSON.parse(JSON.stringify(Template.fromStack(stack)).replace(/[0-9a-f]{64}\.zip/g, "code.zip"));

const own = newApp({ ...options, stage: "prod" });
const deployed = withoutAssets(addUsherStack(own, { settings: readSettings(own.node), routes }));

test("makes, of the same options, the template that this repository's own app makes", () => {
  expect(withoutAssets(new Usher(newApp(), "usher-prod", options))).toEqual(deployed);
});

test("fits twice into one app, beside a stack that uses what it makes", () => {
  const app = newApp();
  const [test_, live] = ["Test", "Live"].map((id) => new Usher(app, `Usher${id}`, options)) as [Usher, Usher];
  const others = new Stack(app, "Others");
  const role = new Role(others, "HelpDesk", { assumedBy: new ServicePrincipal("ec2.amazonaws.com") });
  role.addManagedPolicy(
    live.policies.provisioner ?? ManagedPolicy.fromAwsManagedPolicyName("ReadOnlyAccess"),
  );
  new Alarm(others, "Busy", { metric: live.api.metricCount(), threshold: 1000, evaluationPeriods: 1 });
  live.eventsTable.grantReadData(role);

  const names = app.synth().stacks.map(({ stackName }) => stackName);
  expect(names.sort()).toEqual(["Others", "UsherLive", "UsherTest"]);
  const named = (usher: Usher) =>
    Object.values(resourcesOf(Template.fromStack(usher)))
      .map(({ Properties: properties = {} }) => properties.Name ?? properties.SecretName)
      .filter((name) => name !== undefined);
  expect(named(live).length).toBeGreaterThan(1);
  expect(named(test_).filter((name) => named(live).includes(name))).toEqual([]);
  expect(new AwsSolutionsChecks().validateScope(live).violations).toEqual([]);
});

test("takes tags and a boundary as every stack does", () => {
  const usher = new Usher(newApp(), "Usher", {
    tags: { Team: "IT" },
    permissionsBoundary: PermissionsBoundary.fromArn("arn:aws:iam::111122223333:policy/developer-boundary"),
  });
  expect(usher.tags.tagValues()).toEqual({ Team: "IT" });
  for (const { Properties: properties } of Object.values(
    Template.fromStack(usher).findResources("AWS::IAM::Role"),
  ))
    expect(properties.PermissionsBoundary).toBe("arn:aws:iam::111122223333:policy/developer-boundary");
});

test("has the defaults of a deployment, whatever the app's own context says", () => {
  const app = newApp({ stage: "prod", organization: "Another", retentionDays: "1" });
  const usher = new Usher(app, "Usher");
  const { template } = synthesize();
  const environments = (from: Template) =>
    Object.values(from.findResources("AWS::Lambda::Function")).flatMap(
      ({ Properties: properties }) => properties.Environment?.Variables.EVENT_RETENTION_DAYS ?? [],
    );
  expect(new Set(environments(Template.fromStack(usher)))).toEqual(new Set(environments(template)));
});

test("refuses a value that cannot be meant, by name", () => {
  expect(() => new Usher(newApp(), "Usher", { workers: 1 })).toThrow(/workers/);
});
