import { AwsSolutionsChecks } from "cdk-nag";
import { expect, test } from "vitest";
import { idOf, plain, resourcesOf, synthesize } from "./support.ts";

const own = synthesize({ alarmEmail: "ops@example.com, on-call@example.com" });
const topic = idOf(own.template, "AWS::SNS::Topic", "Alarms");
const named = "arn:aws:sns:eu-central-1:111122223333:ops";

const statements = () => {
  const [policy] = Object.values(own.template.findResources("AWS::SNS::TopicPolicy"));
  expect(policy?.Properties.Topics).toEqual([{ Ref: topic }]);
  return policy?.Properties.PolicyDocument.Statement as {
    Sid: string;
    Effect: string;
    Principal: unknown;
    Condition: Record<string, Record<string, unknown>>;
  }[];
};

const alarmActions = (template: typeof own.template): unknown[] =>
  Object.values(template.findResources("AWS::CloudWatch::Alarm")).map(
    ({ Properties: properties }) => properties.AlarmActions,
  );

test("every alarm notifies the topic of the stack, and an output names it", () => {
  expect(new Set(alarmActions(own.template).map((action) => JSON.stringify(action)))).toEqual(
    new Set([JSON.stringify([{ Ref: topic }])]),
  );
  own.template.hasOutput("AlarmTopicArn", { Value: { Ref: topic } });
});

test("the topic refuses what comes without TLS", () => {
  const [deny] = statements().filter(({ Effect }) => Effect === "Deny");
  expect(deny).toMatchObject({ Principal: "*", Condition: { Bool: { "aws:SecureTransport": "false" } } });
});

test("besides the roles of the account, the alarms of this account and region alone may publish", () => {
  const allowed = statements().filter(({ Effect }) => Effect === "Allow");
  expect(allowed).toMatchObject([
    {
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: "sns:Publish",
      Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
    },
  ]);
  expect(plain(allowed[0]?.Condition.ArnLike?.["aws:SourceArn"])).toBe(
    "arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:*",
  );
});

test("each address is subscribed, to the stack's topic and to a named one", () => {
  const { template } = synthesize({ alarmTopic: named, alarmEmail: "ops@example.com" });
  const subscribed = (of: typeof template) =>
    Object.values(of.findResources("AWS::SNS::Subscription")).map(({ Properties: properties }) => properties);
  expect(subscribed(template)).toEqual([{ Protocol: "email", Endpoint: "ops@example.com", TopicArn: named }]);
  expect(subscribed(own.template)).toEqual(
    ["ops@example.com", "on-call@example.com"].map((Endpoint) => ({
      Protocol: "email",
      Endpoint,
      TopicArn: { Ref: topic },
    })),
  );
});

test("with a named topic none is made, and alarms notify that one", () => {
  const { template } = synthesize({ alarmTopic: named });
  template.resourceCountIs("AWS::SNS::Topic", 0);
  expect(alarmActions(template).length).toBeGreaterThan(0);
  for (const action of alarmActions(template)) expect(action).toEqual([named]);
  template.hasOutput("AlarmTopicArn", { Value: named });
});

test("cdk-nag finds nothing", () => {
  expect(new AwsSolutionsChecks().validateScope(own.stack).violations).toEqual([]);
  const types = Object.values(resourcesOf(own.template)).map(({ Type }) => Type);
  expect(types).toContain("AWS::SNS::TopicPolicy");
});
