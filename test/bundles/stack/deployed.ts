import { join } from "node:path";
import { type Statement, statementsIn } from "../iam/policy.ts";
import type { LambdaSpec } from "../runtime/environment.ts";
import type { Assembly } from "./synthesize.ts";
import { attributesOf, type Resource, resolver } from "./values.ts";

export type DeployedLambda = LambdaSpec & { roleArn: string; logGroup: string };
export type DeployedTable = { name: string; arn: string; streamArn?: string; properties: TableProperties };
export type TableProperties = {
  KeySchema: KeySchema;
  GlobalSecondaryIndexes?: { IndexName: string; KeySchema: KeySchema }[];
  AttributeDefinitions: object[];
  TimeToLiveSpecification?: { AttributeName: string; Enabled: boolean };
  StreamSpecification?: { StreamViewType: string };
};
type KeySchema = { AttributeName: string; KeyType: "HASH" | "RANGE" }[];
export type Route = {
  key: string;
  authorization: "NONE" | "AWS_IAM" | "JWT";
  scopes: string[];
  issuer?: string;
  audience?: string[];
  lambda: string;
};
export type Queue = { name: string; arn: string; url: string; properties: Record<string, unknown> };
export type SourceMapping = {
  lambda: string;
  source: string;
  batchSize: number;
  maxRetries: number;
  reportsFailures: boolean;
  onFailure?: string;
  filters: string[];
};
export type Schedule = { expression: string; lambda: string };

export type CustomResource = {
  id: string;
  type: string;
  lambda: string;
  properties: Record<string, unknown>;
};

/** The stack as it would stand in an account, read from its template alone. Lambdas are known by their ARN. */
export type Deployed = {
  /** Its ARN. */
  id: string;
  lambdas: DeployedLambda[];
  /** Statements of each role, by its ARN. */
  roles: Map<string, Statement[]>;
  /** Statements of each policy that callers are given, by its logical id. */
  policies: Map<string, Statement[]>;
  tables: DeployedTable[];
  queues: Queue[];
  topics: string[];
  secrets: { name: string; arn: string }[];
  api: { id: string };
  routes: Route[];
  mappings: SourceMapping[];
  schedules: Schedule[];
  customResources: CustomResource[];
  outputs: Record<string, string>;
};

type P = Record<string, unknown>;

export const readDeployed = ({ folder, stackName, template }: Assembly): Deployed => {
  const resolve = resolver(stackName, template);
  const all = Object.entries(template.Resources).map(([id, resource]) => ({
    id,
    type: resource.Type,
    at: attributesOf(stackName, id, resource),
    properties: (resolve(withoutAssets(resource)) ?? {}) as P,
  }));
  const of = (type: string) => all.filter((one) => one.type === type);
  const arnOf = (nameOrArn: unknown): string =>
    of("AWS::Lambda::Function").find(({ at }) => at.Ref === nameOrArn || at.Arn === nameOrArn)?.at.Arn ??
    fail(`no Lambda is called ${nameOrArn}`);

  const lambdas = of("AWS::Lambda::Function").map(({ id, at, properties: p }): DeployedLambda => {
    const hash = String((template.Resources[id]?.Properties?.Code as P)?.S3Key).replace(/\.zip$/, "");
    const code = join(folder, `asset.${hash}`);
    return {
      name: at.Ref,
      arn: at.Arn ?? "",
      code,
      handler: String(p.Handler),
      timeoutMs: Number(p.Timeout) * 1000,
      memoryMb: Number(p.MemorySize),
      environment: ((p.Environment as P)?.Variables ?? {}) as Record<string, string>,
      roleArn: String(p.Role),
      logGroup: String((p.LoggingConfig as P)?.LogGroup),
    };
  });

  const targets = new Map(
    of("AWS::ApiGatewayV2::Integration").map(({ at, properties }) => [at.Ref, properties]),
  );
  const authorizers = new Map(
    of("AWS::ApiGatewayV2::Authorizer").map(({ at, properties }) => [at.Ref, properties]),
  );
  const routes = of("AWS::ApiGatewayV2::Route").map(({ properties: p }): Route => {
    const target = targets.get(String(p.Target).replace("integrations/", ""));
    const jwt = authorizers.get(String(p.AuthorizerId))?.JwtConfiguration as P | undefined;
    return {
      key: String(p.RouteKey),
      authorization: (p.AuthorizationType ?? "NONE") as Route["authorization"],
      scopes: (p.AuthorizationScopes ?? []) as string[],
      ...(jwt && { issuer: String(jwt.Issuer), audience: jwt.Audience as string[] }),
      lambda: arnOf(target?.IntegrationUri),
    };
  });

  const mappings = of("AWS::Lambda::EventSourceMapping").map(({ properties: p }): SourceMapping => {
    const onFailure = ((p.DestinationConfig as P)?.OnFailure as P)?.Destination;
    const filters = ((p.FilterCriteria as P)?.Filters ?? []) as { Pattern: string }[];
    return {
      lambda: arnOf(p.FunctionName),
      source: String(p.EventSourceArn),
      batchSize: Number(p.BatchSize ?? 10),
      maxRetries: Number(p.MaximumRetryAttempts ?? 10_000),
      reportsFailures: ((p.FunctionResponseTypes ?? []) as string[]).includes("ReportBatchItemFailures"),
      ...(onFailure === undefined ? {} : { onFailure: String(onFailure) }),
      filters: filters.map(({ Pattern }) => Pattern),
    };
  });

  return {
    id: String(resolve({ Ref: "AWS::StackId" })),
    lambdas,
    roles: new Map(
      of("AWS::IAM::Role").map(({ id, at, properties }) => [
        at.Arn ?? "",
        grantsOf(id, at.Ref, properties, of("AWS::IAM::Policy")),
      ]),
    ),
    policies: new Map(
      of("AWS::IAM::ManagedPolicy").map(({ id, properties }) => [
        id,
        statementsIn(properties.PolicyDocument),
      ]),
    ),
    tables: of("AWS::DynamoDB::Table").map(({ at, properties }) => ({
      name: at.Ref,
      arn: at.Arn ?? "",
      ...(properties.StreamSpecification ? { streamArn: at.StreamArn ?? "" } : {}),
      properties: properties as TableProperties,
    })),
    queues: of("AWS::SQS::Queue").map(({ at, properties }) => ({
      name: at.QueueName ?? "",
      arn: at.Arn ?? "",
      url: at.Ref,
      properties,
    })),
    topics: of("AWS::SNS::Topic").map(({ at }) => at.Ref),
    secrets: of("AWS::SecretsManager::Secret").map(({ at, properties }) => ({
      name: String(properties.Name),
      arn: at.Ref,
    })),
    api: { id: of("AWS::ApiGatewayV2::Api")[0]?.at.Ref ?? fail("the stack has no API") },
    routes,
    mappings,
    schedules: of("AWS::Events::Rule").flatMap(({ properties: p }) =>
      ((p.Targets ?? []) as { Arn: string }[]).map(({ Arn }) => ({
        expression: String(p.ScheduleExpression),
        lambda: arnOf(Arn),
      })),
    ),
    customResources: all
      .filter(({ type }) => type.startsWith("Custom::"))
      .map(({ id, type, properties }) => ({ id, type, lambda: arnOf(properties.ServiceToken), properties })),
    outputs: Object.fromEntries(
      Object.entries(template.Outputs ?? {}).map(([name, { Value }]) => [name, String(resolve(Value))]),
    ),
  };
};

/** Inline statements and those of policies that are attached; a policy of AWS's own could not be read here. */
const grantsOf = (
  id: string,
  name: string,
  { Policies, ManagedPolicyArns }: P,
  policies: { properties: P }[],
): Statement[] => {
  if (ManagedPolicyArns !== undefined)
    throw new Error(`${id} has managed policies, whose statements are not in the template`);
  const inline = ((Policies ?? []) as { PolicyDocument: unknown }[]).flatMap((one) =>
    statementsIn(one.PolicyDocument),
  );
  const attached = policies.filter(({ properties }) => ((properties.Roles ?? []) as string[]).includes(name));
  return [...inline, ...attached.flatMap(({ properties }) => statementsIn(properties.PolicyDocument))];
};

/** The bucket of the assets is the bootstrap's; here an asset is a folder. */
const withoutAssets = ({ Properties: { Code: _code, ...rest } = {} }: Resource): P => rest;

const fail = (message: string): never => {
  throw new Error(message);
};
