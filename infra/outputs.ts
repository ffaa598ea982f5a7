import { CfnOutput, type Stack } from "aws-cdk-lib";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Api } from "./api.ts";
import type { Policies } from "./policies.ts";
import type { Secrets } from "./secrets.ts";
import type { DeployedTable } from "./tables.ts";
import type { WorkQueues } from "./work-queues.ts";

type Input = Pick<Api, "url" | "domainTarget"> & {
  state: DeployedTable;
  events: DeployedTable;
  secrets: Secrets;
  queues: WorkQueues;
  policies: Policies;
  alarmTopic: ITopic;
};

/** What a user of the stack needs to go on, printed by `cdk deploy` and kept with the stack. */
export const addOutputs = (stack: Stack, input: Input): void => {
  const { url, domainTarget, state, events, secrets, queues, policies, alarmTopic } = input;
  const add = (id: string, value: string | undefined, description: string): void => {
    if (value !== undefined) new CfnOutput(stack, id, { value, description });
  };
  add("ApiUrl", url, "Base URL of the API, without a slash at the end");
  add("DomainTarget", domainTarget, "What the API's own name has to point to, as CNAME or alias");
  add("Region", stack.region, "Region to sign for");
  add("EventsTableName", events.table.tableName, "Directory Insights events");
  add("StateTableName", state.table.tableName, "Integrations, directory and links");
  add("SecretPrefix", secrets.ofIntegrations.name, "Names of the secrets of integrations start with this");
  add("GivenSecretPrefix", secrets.given.name, "Names of secrets that calls may give by secretArn");
  add("WakeUpQueueUrl", queues.wakeUps.queueUrl, "Wake-ups of integrations at which work is due");
  add("DeadLetterQueueUrl", queues.deadLetters.queueUrl, "What no Lambda could take: a bug, never lost work");
  add("AlarmTopicArn", alarmTopic.topicArn, "SNS topic of alarms and messages");
  add("AdminPolicyArn", policies.admin?.managedPolicyArn, "Every call of the API");
  add("ProvisionerPolicyArn", policies.provisioner?.managedPolicyArn, "Users and groups, and every read");
  add("AuditorPolicyArn", policies.auditor.managedPolicyArn, "Every read, and queries of the events table");
};
