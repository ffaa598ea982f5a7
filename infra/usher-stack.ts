import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { scopeVariables } from "../shared/http/caller-role.ts";
import type { Route } from "../shared/http/endpoint.ts";
import { roles } from "../shared/model/role.ts";
import { boundRoles } from "./account-rules.ts";
import { addAlarmTopic } from "./alarm-topic.ts";
import { addAlarms } from "./alarms.ts";
import { addApi } from "./api.ts";
import { addAutomatic } from "./automatic.ts";
import { lambdaCode } from "./bundle.ts";
import { addDashboard } from "./dashboard.ts";
import { addEventWatch } from "./event-watch.ts";
import { addOutputs } from "./outputs.ts";
import { pausedIfRestored } from "./paused-restored.ts";
import { addPolicies, type Policies } from "./policies.ts";
import { addRecovery } from "./recovery.ts";
import { addSecrets } from "./secrets.ts";
import type { Callers, Settings } from "./settings.ts";
import { addTableUse } from "./table-in-use.ts";
import { addTables, type DeployedTable } from "./tables.ts";
import { addFunction, addLogGroup } from "./usher-function.ts";
import { addWatch } from "./watch.ts";
import type { Watched } from "./watched.ts";
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
  "report-tampering",
];

export const stackDescription =
  "Usher: identity provisioning into SCIM 2.0 service providers, every attempt on record";

/** The stack of this repository's own app. */
export const addUsherStack = (scope: Construct, input: StackInput): Stack => {
  const { stackName, tags, permissionsBoundary, terminationProtection } = input.settings;
  const stack = new Stack(scope, stackName, { description: stackDescription, tags, terminationProtection });
  if (permissionsBoundary !== undefined) boundRoles(stack, permissionsBoundary);
  fillStack(stack, input);
  return stack;
};

/** What other stacks of an app may need of one that is filled. */
export type Parts = {
  api: HttpApi;
  /** Where to call, without a slash at the end. */
  url: string;
  eventsTable: DeployedTable["table"];
  alarmTopic: ITopic;
  policies: Policies;
};

/**
 * Everything of Usher on AWS: two tables, a prefix of secrets, one Lambda per route, the API, the automatic work, the
 * recovery. The names of secrets, API and access log begin with the stack's.
 */
export const fillStack = (
  stack: Stack,
  { settings, routes, folder = functionsFolder }: StackInput,
): Parts => {
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

  const { api, url, domainTarget, addRoute, addCatchAll } = addApi(stack, settings);
  const environment = scopesOf(settings.callers);
  // One for all that are behind the API: CloudFormation takes 500 resources, and the streams in it bear the Lambda's name.
  const logGroup = addLogGroup(stack, "CallLogs", settings);
  for (const route of routes) {
    const { name, access, method, path, open } = route;
    const description = `${method} ${path}`;
    const spec = { name, access, description, logGroup, ...(open === true ? {} : { environment }) };
    addRoute(route, addFunction(stack, spec, resources));
  }
  const notFound = { name: "not-found", access: {}, description: "Unknown paths and methods" };
  addCatchAll(addFunction(stack, { ...notFound, logGroup, environment }, resources));
  const watched: Watched = {
    ...{ state, events, queues, api },
    recovery: addRecovery(stack, settings, resources),
    ...addAutomatic(stack, settings, resources),
    watch: addWatch(stack, resources),
    eventWatch: addEventWatch(stack, resources),
  };
  const alarms = addAlarms(stack, watched, alarmTopic);
  if (settings.dashboard) addDashboard(stack, { ...watched, url, alarms });

  const policies = addPolicies(stack, { api, events, routes, callers: settings.callers });
  addOutputs(stack, { url, domainTarget, state, events, secrets, queues, policies, alarmTopic });
  return { api, url, eventsTable: events.table, alarmTopic, policies };
};

/** Where a Lambda that takes JWT callers finds the names of their scopes. */
const scopesOf = (callers: Callers): Record<string, string> =>
  callers.kind === "iam"
    ? {}
    : Object.fromEntries(roles.map((role) => [scopeVariables[role], callers.scopes[role]]));

const functionsFolder = join(import.meta.dirname, "..", "functions");
