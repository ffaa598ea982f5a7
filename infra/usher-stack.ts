import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Route } from "../shared/http/endpoint.ts";
import type { Resources } from "./access.ts";
import { addAlarmTopic } from "./alarm-topic.ts";
import { notifyOf } from "./alarms.ts";
import { addApi } from "./api.ts";
import { addAutomatic } from "./automatic.ts";
import { lambdaCode } from "./bundle.ts";
import { addOutputs } from "./outputs.ts";
import { addPolicies } from "./policies.ts";
import { addRecovery } from "./recovery.ts";
import { addSecrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import { addTables } from "./tables.ts";
import { addFunction } from "./usher-function.ts";
import { addWatch } from "./watch.ts";
import { addWorkQueues } from "./work-queues.ts";

/** `routes` is the endpoint table; `folder` holds the file of each Lambda. */
type StackInput = { settings: Settings; routes: readonly Route[]; folder?: string };

/** Lambdas behind no route of their own. */
export const inner = [
  "not-found",
  "recover-attempts",
  "dispatch-changes",
  "drain-integration",
  "watch-integrations",
];

/**
 * Everything of Usher on AWS: two tables, a prefix of secrets, one Lambda per route, the API, the automatic work, the
 * recovery.
 */
export const addUsherStack = (
  scope: Construct,
  { settings, routes, folder = functionsFolder }: StackInput,
): Stack => {
  const stack = new Stack(scope, settings.stackName, {
    description: "Usher: identity provisioning into SCIM 2.0 service providers, every attempt on record",
  });
  const { state, events } = addTables(stack);
  const secrets = addSecrets(stack);
  const queues = addWorkQueues(stack);
  const code = lambdaCode(folder, [...routes.map(({ name }) => name), ...inner]);
  const alarmTopic = addAlarmTopic(stack, settings);
  const resources: Resources = { state, events, secrets, queues, alarmTopic, settings, code };

  const { api, addRoute, addCatchAll } = addApi(stack, settings.callers);
  for (const route of routes) {
    const { name, access, method, path } = route;
    addRoute(route, addFunction(stack, { name, access, description: `${method} ${path}` }, resources));
  }
  const notFound = { name: "not-found", access: {}, description: "Unknown paths and methods" };
  addCatchAll(addFunction(stack, notFound, resources));
  const alarms = [...addRecovery(stack, settings, resources), ...addAutomatic(stack, settings, resources)];
  addWatch(stack, resources);
  notifyOf(alarms, alarmTopic);

  const policies = addPolicies(stack, { api, events, routes, callers: settings.callers });
  addOutputs(stack, { api, state, events, secrets, queues, policies, alarmTopic });
  return stack;
};

const functionsFolder = join(import.meta.dirname, "..", "functions");
