import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App, type Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { readSettings } from "../../infra/settings.ts";
import { addUsherStack } from "../../infra/usher-stack.ts";
import type { Route } from "../../shared/http/endpoint.ts";
import type { Role } from "../../shared/model/role.ts";

export const sampleFolder = join(import.meta.dirname, "sample");

const route = (name: string, key: string, who: Role | "everybody", access: Route["access"]): Route => {
  const [method, path] = key.split(" ") as [Route["method"], string];
  const admission = who === "everybody" ? ({ open: true } as const) : { role: who };
  return { name, method, path, access, summary: name, ...admission };
};

/** One of each kind: open, lifecycle, reads, directory, provisioning, events. */
export const sampleRoutes: readonly Route[] = [
  route("health", "GET /health", "everybody", {}),
  route("activate-integration", "POST /integrations", "admin", {
    state: { get: ["integrations"], put: ["targets"], update: ["integrations"] },
    events: "put",
    secrets: ["create", "read", "describe", "delete"],
    givenSecrets: true,
    idempotencyKey: true,
  }),
  route("read-integration", "GET /integrations/{integrationId}", "read", {
    state: { get: ["integrations"], query: ["holds"], indexes: ["byListing", "byWork"] },
  }),
  route("update-integration", "PATCH /integrations/{integrationId}", "admin", {
    state: { get: ["integrations"], update: ["integrations"] },
    events: "put",
    secrets: ["read", "put"],
  }),
  route("reauth-integration", "POST /integrations/{integrationId}/reauth", "admin", {
    state: { get: ["integrations"], update: ["integrations"] },
    events: "put",
    secrets: ["create", "put", "restore"],
  }),
  route("delete-integration", "DELETE /integrations/{integrationId}", "admin", {
    state: { get: ["integrations"], update: ["integrations"] },
    events: "put",
    secrets: ["delete"],
  }),
  route("save-user", "PUT /users/{userId}", "provision", { state: { get: ["users"], put: ["users"] } }),
  route("provision-user", "PUT /integrations/{integrationId}/users/{userId}", "provision", {
    state: { get: ["integrations", "users"], update: ["users"], indexes: ["byListing"] },
    events: "put",
    secrets: ["read"],
  }),
  route("change-members", "POST /integrations/{integrationId}/groups/{groupId}/members", "provision", {
    state: { get: ["integrations", "users"], update: ["users"], indexes: ["byListing"] },
    events: "put",
    secrets: ["read"],
  }),
  route("query-events", "GET /events", "read", {
    events: { get: true, query: ["table", "byIntegration", "byFailure"] },
  }),
];

type Synthesized = { app: App; stack: Stack; template: Template };

/** The feature flags of cdk.json, which decide what the CDK makes of the same constructs; no settings of a deployment. */
export const featureFlags: Record<string, unknown> = Object.fromEntries(
  Object.entries<unknown>(
    JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "cdk.json"), "utf8")).context,
  ).filter(([name]) => name.startsWith("@aws-cdk")),
);

/** An app as `cdk deploy` has it, without bundling, which makes no difference to anything but the assets. */
export const newApp = (context: Record<string, unknown> = {}): App =>
  new App({
    context: {
      ...featureFlags,
      "aws:cdk:bundling-stacks": [],
      "aws:cdk:disable-asset-staging": true,
      ...context,
    },
  });

export const synthesize = (context: Record<string, unknown> = {}, routes = sampleRoutes): Synthesized => {
  const app = newApp(context);
  const stack = addUsherStack(app, { settings: readSettings(app.node), routes, folder: sampleFolder });
  return { app, stack, template: Template.fromStack(stack) };
};

export type Statement = {
  owner: string;
  effect: string;
  actions: string[];
  resources: string[];
  condition: Record<string, Record<string, unknown>>;
};

type Properties = Record<string, unknown>;
type RawStatement = {
  Effect: string;
  Action: string | string[];
  Resource?: unknown;
  Condition?: Statement["condition"];
};

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** Every statement of every role and policy in the template, with its resources as plain text. */
export const statementsOf = (template: Template): Statement[] => {
  const found: Statement[] = [];
  const add = (owner: string, document: unknown) => {
    for (const raw of list((document as { Statement: RawStatement | RawStatement[] }).Statement)) {
      const resources = list(raw.Resource).map(plain);
      const { Effect: effect, Condition: condition = {} } = raw;
      found.push({ owner, effect, actions: list(raw.Action), resources, condition });
    }
  };
  for (const [id, { Type, Properties: properties = {} }] of Object.entries(resourcesOf(template))) {
    if (/^AWS::IAM::(Managed)?Policy$/.test(Type)) add(id, properties.PolicyDocument);
    for (const inline of (properties.Policies ?? []) as { PolicyDocument: unknown }[])
      add(id, inline.PolicyDocument);
  }
  return found;
};

/** What one policy of the template allows, as IAM decides: a wildcard also stands for slashes, and nothing is denied. */
export const allowedBy = (
  template: Template,
  policy: string,
): ((action: string, resource: string) => boolean) => {
  const owner = idOf(template, "AWS::IAM::ManagedPolicy", policy);
  const statements = statementsOf(template).filter((statement) => statement.owner === owner);
  if (statements.some(({ effect }) => effect !== "Allow")) throw new Error("a deny is not evaluated here");
  return (action, resource) =>
    statements.some(
      ({ actions, resources }) => actions.includes(action) && resources.some((arn) => matches(arn, resource)),
    );
};

const matches = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replace(/[.$+?^{}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(text);

/** Begin of the ARN of every call; the method follows, then the path. */
export const callsOf = (template: Template): string =>
  `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${idOf(template, "AWS::ApiGatewayV2::Api", "Api")}>/$default/`;

export const resourcesOf = (template: Template): Record<string, { Type: string; Properties?: Properties }> =>
  template.toJSON().Resources;

/** An intrinsic as text: `<LogicalId>` for a Ref, `<LogicalId.Attribute>` for a GetAtt, joins joined. */
export const plain = (value: unknown): string => {
  if (typeof value === "string") return value;
  const intrinsic = value as { Ref?: string; "Fn::GetAtt"?: string[]; "Fn::Join"?: [string, unknown[]] };
  if (intrinsic.Ref !== undefined) return `<${intrinsic.Ref}>`;
  if (intrinsic["Fn::GetAtt"] !== undefined) return `<${intrinsic["Fn::GetAtt"].join(".")}>`;
  if (intrinsic["Fn::Join"] !== undefined) {
    const [delimiter, parts] = intrinsic["Fn::Join"];
    return parts.map(plain).join(delimiter);
  }
  throw new Error(`not a resource that this test can read: ${JSON.stringify(value)}`);
};

/** The logical id of the one resource of a type whose id starts so. */
export const idOf = (template: Template, type: string, start: string): string => {
  const ids = Object.keys(template.findResources(type)).filter((id) => id.startsWith(start));
  if (ids.length !== 1) throw new Error(`${type} ${start}: ${ids.length} found`);
  return ids[0] as string;
};

/** Role and environment of the Lambda of a name. */
export const functionOf = (
  template: Template,
  name: string,
): { role: string; environment: Record<string, unknown> } => {
  const compact = name.replaceAll("-", "");
  const id = idOf(template, "AWS::Lambda::Function", `${compact}Function`);
  const properties = resourcesOf(template)[id]?.Properties as {
    Role: { "Fn::GetAtt": [string, string] };
    Environment?: { Variables: Record<string, unknown> };
  };
  return { role: properties.Role["Fn::GetAtt"][0], environment: properties.Environment?.Variables ?? {} };
};
