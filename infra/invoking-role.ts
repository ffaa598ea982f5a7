import {
  HttpIntegrationType,
  HttpRouteIntegration,
  IntegrationCredentials,
  PayloadFormatVersion,
} from "aws-cdk-lib/aws-apigatewayv2";
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";

/** The longest ARNs of so many fit into the 6,144 characters of a managed policy. */
const functionsInPolicy = 40;

/** Puts a Lambda behind routes: the integration to give them. */
export type Invoke = (name: string, handler: IFunction) => HttpRouteIntegration;

/**
 * The API invokes Lambdas as a role that may invoke exactly those behind its routes. A permission on each Lambda would be a
 * resource more for each route, of 500 that a stack may have.
 */
export const addInvokingRole = (scope: Construct): Invoke => {
  const role = new Role(scope, "InvokingRole", {
    assumedBy: new ServicePrincipal("apigateway.amazonaws.com"),
    description: "The API invokes its Lambdas.",
  });
  const statements: PolicyStatement[] = [];
  let count = 0;
  return (name, handler) => {
    if (count % functionsInPolicy === 0) {
      const statement = new PolicyStatement({ actions: ["lambda:InvokeFunction"] });
      statements.push(statement);
      // The role names the policy, so that no integration has the role before it may.
      role.addManagedPolicy(
        new ManagedPolicy(scope, `InvokingPolicy${statements.length}`, { statements: [statement] }),
      );
    }
    count += 1;
    statements.at(-1)?.addResources(handler.functionArn);
    return integrationOf(name, handler, role);
  };
};

const integrationOf = (name: string, handler: IFunction, role: Role): HttpRouteIntegration =>
  new (class extends HttpRouteIntegration {
    bind() {
      return {
        type: HttpIntegrationType.AWS_PROXY,
        uri: handler.functionArn,
        payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
        credentials: IntegrationCredentials.fromRole(role),
      };
    }
  })(name);
