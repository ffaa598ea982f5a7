import type { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";

/** Lets alarms notify the topic. */
export const notifyOf = (alarms: Alarm[], topic: ITopic): void => {
  const action = new SnsAction(topic);
  for (const alarm of alarms) alarm.addAlarmAction(action);
};
