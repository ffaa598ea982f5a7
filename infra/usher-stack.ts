import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { scopeVariables } from "../shared/http/caller-role.ts";
import type { Route } from "../shared/http/endpoint.ts";
import { roles } from "../shared/model/role.ts";
import { addAlarmTopic } from "./alarm-topic.ts";
import { notifyOf } from "./alarms.ts";
import { addApi } from "./api.ts";
import { addAutomatic } from "./automatic.ts";
import { lambdaCode } from "./bundle.ts";
import { addOutputs } from "./outputs.ts";
import { pausedIfRestored } from "./paused-restored.ts";
import { addPolicies } from "./policies.ts";
import { addRecovery } from "./recovery.ts";
import { addSecrets } from "./secrets.ts";
import type { Callers, Settings } from "./settings.ts";
import { addTableUse } from "./table-in-use.ts";
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
  "adopt-table",
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
    terminationProtection: settings.terminationProtection,
  });
  const code = lambdaCode(folder, [...routes.map(({ name }) => name), ...inner, "pause-restored"]);
  const secrets = addSecrets(stack, settings);
  const useTable = addTableUse(stack, {
    settings,
    code: code("adopt-table"),
    after: secrets.idempotencyKey,
  });
  const made = addTables(stack, settings.tables, useTable);
  const queues = addWorkQueues(stack);
  const alarmTopic = addAlarmTopic(stack, settings);
  const resources = pausedIfRestored(stack, { ...made, secrets, queues, alarmTopic, settings, code });
  const { state, events } = resources;

  const { api, addRoute, addCatchAll } = addApi(stack, settings.callers);
  const environment = scopesOf(settings.callers);
  for (const route of routes) {
    const { name, access, method, path, open } = route;
    const description = `${method} ${path}`;
    const spec = { name, access, description, ...(open === true ? {} : { environment }) };
    addRoute(route, addFunction(stack, spec, resources));
  }
  const notFound = { name: "not-found", access: {}, environment, description: "Unknown paths and methods" };
  addCatchAll(addFunction(stack, notFound, resources));
  const alarms = [...addRecovery(stack, settings, resources), ...addAutomatic(stack, settings, resources)];
  addWatch(stack, resources);
  notifyOf(alarms, alarmTopic);

  const policies = addPolicies(stack, { api, events, routes, callers: settings.callers });
  addOutputs(stack, { api, state, events, secrets, queues, policies, alarmTopic });
  return stack;
};

/** Where a Lambda that takes JWT callers finds the names of their scopes. */
const scopesOf = (callers: Callers): Record<string, string> =>
  callers.kind === "iam"
    ? {}
    : Object.fromEntries(roles.map((role) => [scopeVariables[role], callers.scopes[role]]));

const functionsFolder = join(import.meta.dirname, "..", "functions");
