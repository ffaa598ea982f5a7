import { Stack } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { Route } from "../shared/http/endpoint.ts";
import type { Role } from "../shared/model/role.ts";
import { acknowledgeWildcard } from "./acknowledge.ts";
import { callPatterns } from "./call-patterns.ts";
import type { Callers } from "./settings.ts";
import type { DeployedTable } from "./tables.ts";

/** Policies to attach to people and programs; with JWT callers only the auditor's, for the table itself. */
export type Policies = { auditor: ManagedPolicy; admin?: ManagedPolicy; provisioner?: ManagedPolicy };

type Input = { api: HttpApi; events: DeployedTable; routes: readonly Route[]; callers: Callers };

/** A policy for each role: it allows the calls whose routes need that role or less. The auditor may query events, too. */
export const addPolicies = (scope: Construct, { api, events, routes, callers }: Input): Policies => {
  const readEvents = [
    new PolicyStatement({
      actions: ["dynamodb:Query", "dynamodb:GetItem"],
      resources: [events.table.tableArn],
    }),
    new PolicyStatement({ actions: ["dynamodb:Query"], resources: events.indexArns }),
    // The name of the table is an output of this stack.
    new PolicyStatement({ actions: ["cloudformation:DescribeStacks"], resources: [stackArn(scope)] }),
  ];
  const auditorText = "Usher auditor: reads over the API, and queries of the events table.";
  if (callers.kind === "jwt") {
    return { auditor: addAuditor(scope, auditorText, [], readEvents) };
  }
  const calls = (role: Role) => callPatterns(routes, role).map((pattern) => callArn(api, pattern));
  return {
    admin: addPolicy(scope, "AdminPolicy", "Usher admin: every call of the API.", calls("admin")),
    provisioner: addPolicy(
      scope,
      "ProvisionerPolicy",
      "Usher provisioner: users and groups, and every read of the API.",
      calls("provision"),
    ),
    auditor: addAuditor(scope, auditorText, calls("read"), readEvents),
  };
};

/** A stack that is asked for by its name is authorised whatever the id behind it. */
const stackArn = (scope: Construct): string => {
  const stack = Stack.of(scope);
  return stack.formatArn({
    service: "cloudformation",
    resource: "stack",
    resourceName: `${stack.stackName}/*`,
  });
};

const addAuditor = (
  scope: Construct,
  text: string,
  callArns: string[],
  reads: PolicyStatement[],
): ManagedPolicy => {
  const policy = addPolicy(scope, "AuditorPolicy", text, callArns, reads);
  acknowledgeWildcard(
    policy,
    stackArn(scope),
    "The wildcard stands for the id that CloudFormation gives this stack.",
  );
  return policy;
};

const callArn = (api: HttpApi, pattern: string): string =>
  Stack.of(api).formatArn({
    service: "execute-api",
    resource: api.apiId,
    resourceName: `$default/${pattern}`,
  });

const addPolicy = (
  scope: Construct,
  id: string,
  description: string,
  callArns: string[],
  further: PolicyStatement[] = [],
): ManagedPolicy => {
  const calls =
    callArns.length === 0
      ? []
      : [new PolicyStatement({ actions: ["execute-api:Invoke"], resources: callArns })];
  const policy = new ManagedPolicy(scope, id, { description, statements: [...calls, ...further] });
  for (const arn of callArns) {
    acknowledgeWildcard(
      policy,
      arn,
      "The wildcard stands for ids in the path of this one API, or for all its reads.",
    );
  }
  return policy;
};
