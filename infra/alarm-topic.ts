import { Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import type { Settings } from "./settings.ts";

type TopicSettings = Pick<Settings, "stackName" | "alarmTopicArn" | "alarmEmails">;

/** Where alarms and messages go: the topic that was named at deploy, else one of the stack; and who reads it by e-mail. */
export const addAlarmTopic = (scope: Construct, settings: TopicSettings): ITopic => {
  const { alarmTopicArn, alarmEmails } = settings;
  const topic =
    alarmTopicArn === undefined
      ? makeTopic(scope, settings)
      : Topic.fromTopicArn(scope, "AlarmTopic", alarmTopicArn);
  for (const address of alarmEmails) topic.addSubscription(new EmailSubscription(address));
  return topic;
};

const makeTopic = (scope: Construct, { stackName }: TopicSettings): Topic => {
  // Not encrypted with a key of KMS: AWS's own refuses CloudWatch, and one of ours would cost more than all alarms.
  const topic = new Topic(scope, "Alarms", { displayName: `Usher ${stackName}`, enforceSSL: true });
  const stack = Stack.of(scope);
  // The policy that demands TLS takes the place of the default one, by which CloudWatch might publish.
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: "AllowAlarms",
      principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
      actions: ["sns:Publish"],
      resources: [topic.topicArn],
      conditions: {
        StringEquals: { "aws:SourceAccount": stack.account },
        ArnLike: {
          "aws:SourceArn": stack.formatArn({ service: "cloudwatch", resource: "alarm:*" }),
        },
      },
    }),
  );
  return topic;
};
