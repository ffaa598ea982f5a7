import type { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";

/** Lets alarms notify the topic that was given at deploy, if one was. */
export const notifyOf = (scope: Construct, alarms: Alarm[], topicArn: string | undefined): void => {
  if (topicArn === undefined) return;
  const action = new SnsAction(Topic.fromTopicArn(scope, "AlarmTopic", topicArn));
  for (const alarm of alarms) alarm.addAlarmAction(action);
};
