import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  ApplicationLogLevel,
  Architecture,
  type Code,
  type FunctionOptions,
  Function as Lambda,
  LoggingFormat,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { type ILogGroup, LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { Access } from "../shared/http/endpoint.ts";
import { type Bound, bind, type Resources } from "./access.ts";
import { acknowledgeWildcard } from "./acknowledge.ts";
import { memoryOf } from "./memory.ts";
import type { Settings } from "./settings.ts";

/** A Lambda: its file `functions/<name>.ts`, what it may touch, and what differs from the defaults. */
type FunctionSpec = {
  name: string;
  description: string;
  access: Access;
  /** Where it writes its lines; a group of its own where nothing is said. */
  logGroup?: ILogGroup;
  /** What it is told beside the names of what it may touch. */
  environment?: Record<string, string>;
  /** Beyond `access`, which knows what the service works on. */
  statements?: PolicyStatement[];
  overrides?: Pick<
    FunctionOptions,
    "reservedConcurrentExecutions" | "retryAttempts" | "maxEventAge" | "timeout"
  >;
};

/** One Lambda with the defaults of all and a role of its own. */
export const addFunction = (scope: Construct, spec: FunctionSpec, resources: Resources): Lambda => {
  const bound = bind(spec.access, resources);
  const environment = {
    ...bound.environment,
    LOG_LEVEL: resources.settings.logLevel,
    POWERTOOLS_SERVICE_NAME: Stack.of(scope).stackName,
  };
  const handler = addBoundFunction(
    scope,
    spec,
    { ...bound, environment },
    {
      settings: resources.settings,
      code: resources.code(spec.name),
    },
  );
  for (const { arn } of [resources.secrets.ofIntegrations, resources.secrets.given])
    if (handler.role && bound.statements.some(({ resources: granted }) => granted.includes(arn)))
      acknowledgeWildcard(
        handler.role,
        arn,
        "These secrets are made at run time and their ARNs end in a random part, so only the prefix is known.",
      );
  return handler;
};

/** The same, for one that works on none of the resources of the service. */
export const addBoundFunction = (
  scope: Construct,
  spec: Omit<FunctionSpec, "access">,
  { statements, environment }: Bound,
  { settings, code }: { settings: Pick<Settings, "logDays">; code: Code },
): Lambda => {
  const home = new Construct(scope, spec.name);
  const logGroup = spec.logGroup ?? addLogGroup(home, "Logs", settings);
  const role = addRole(home, logGroup, [...statements, ...(spec.statements ?? [])]);
  return new Lambda(home, "Function", {
    description: spec.description,
    code,
    handler: "index.handler",
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: memoryOf(spec.name),
    // Under the 30 s at which an HTTP API gives up, so that it is the Lambda that answers.
    timeout: Duration.seconds(29),
    role,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    // The code itself leaves out what is below its level; a filter of Lambda's would take lines with figures away, too.
    applicationLogLevelV2: ApplicationLogLevel.TRACE,
    environment: { ...environment, ...spec.environment },
    ...spec.overrides,
  });
};

/** For the lines of Lambdas, which go with the stack: working notes, not the record, which is the events table. */
export const addLogGroup = (
  scope: Construct,
  id: string,
  { logDays }: Pick<Settings, "logDays">,
): ILogGroup => new LogGroup(scope, id, { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });

/** Inline, so that no function can start before its grant; the AWS-managed policy would reach every log group. */
const addRole = (scope: Construct, logGroup: ILogGroup, statements: PolicyStatement[]): Role =>
  new Role(scope, "Role", {
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    inlinePolicies: {
      access: new PolicyDocument({
        statements: [
          new PolicyStatement({
            actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
            resources: [logGroup.logGroupArn],
          }),
          ...statements,
        ],
      }),
    },
  });
