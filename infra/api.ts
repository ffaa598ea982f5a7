import { RemovalPolicy } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpIamAuthorizer, HttpJwtAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { Admission, Route } from "../shared/http/endpoint.ts";
import { rolesFrom } from "../shared/model/role.ts";
import { acknowledge } from "./acknowledge.ts";
import type { Callers } from "./settings.ts";

/** The HTTP API, and the two ways to put a Lambda behind it. */
export type Api = {
  api: HttpApi;
  addRoute(route: Pick<Route, "name" | "method" | "path"> & Admission, handler: IFunction): void;
  /** Every path and method that no route has, so that they too get a problem document, whatever the caller's role. */
  addCatchAll(handler: IFunction): void;
};

/** An HTTP API that lets in `callers` with the role of a route alone, but for open routes. */
export const addApi = (scope: Construct, callers: Callers): Api => {
  const api = new HttpApi(scope, "Api", {
    description: "Usher: identity provisioning",
    createDefaultStage: false,
  });
  addStage(scope, api);
  const guardOf = guardsOf(callers);
  return {
    api,
    addRoute: (route, handler) => {
      const integration = new HttpLambdaIntegration(route.name, handler);
      const add = (id: string, method: HttpMethod) =>
        new HttpRoute(scope, id, {
          httpApi: api,
          routeKey: HttpRouteKey.with(route.path, method),
          integration,
          ...guardOf(route),
        });
      const added = add(`Route-${route.name}`, HttpMethod[route.method]);
      if (route.open !== true) return;
      // Probes ask by HEAD; the gateway gives it to no GET route.
      for (const open of [added, add(`Route-${route.name}-head`, HttpMethod.HEAD)]) {
        acknowledge(
          open,
          "AwsSolutions-APIG4",
          "Open by contract: liveness or the public API description, no data.",
        );
      }
    },
    addCatchAll: (handler) => {
      new HttpRoute(scope, "Route-default", {
        httpApi: api,
        routeKey: HttpRouteKey.DEFAULT,
        integration: new HttpLambdaIntegration("default", handler),
        ...guardOf({ role: "read" }),
      });
    },
  };
};

type Guard = { authorizer: IHttpRouteAuthorizer; authorizationScopes?: string[] };

/**
 * What stands before each route. A JWT needs the scope of the route's role or of a stronger one, since the gateway lets in
 * who has any one of them; with IAM the caller's policies say which routes.
 */
const guardsOf = (callers: Callers): ((admission: Admission) => Guard) => {
  const authorizer =
    callers.kind === "iam"
      ? new HttpIamAuthorizer()
      : new HttpJwtAuthorizer("Jwt", callers.issuer, { jwtAudience: callers.audience });
  return ({ open, role }) => {
    if (open === true) return { authorizer: new HttpNoneAuthorizer() };
    if (callers.kind === "iam") return { authorizer };
    return { authorizer, authorizationScopes: rolesFrom(role).map((one) => callers.scopes[one]) };
  };
};

/**
 * Who called which route, from where, and what came of it. The route key stands for the path, and there is no query
 * string: both would put e-mail addresses and ids of people into a log.
 */
const accessLogFormat = {
  time: "$context.requestTimeEpoch",
  requestId: "$context.requestId",
  routeKey: "$context.routeKey",
  method: "$context.httpMethod",
  status: "$context.status",
  sourceIp: "$context.identity.sourceIp",
  callerArn: "$context.identity.userArn",
  callerSub: "$context.authorizer.claims.sub",
  authorizerError: "$context.authorizer.error",
  gatewayError: "$context.error.responseType",
  integrationStatus: "$context.integrationStatus",
  latencyMs: "$context.responseLatency",
  bytes: "$context.responseLength",
};

/** The stage `$default` has no name in the path, so that URLs read the same as in the local run. */
const addStage = (scope: Construct, api: HttpApi): void => {
  const accessLog = new LogGroup(scope, "AccessLog", {
    // A call that the gateway refuses leaves no event, so this is its only record: kept as long, and after the stack.
    retention: RetentionDays.THIRTEEN_MONTHS,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  new HttpStage(scope, "Stage", {
    httpApi: api,
    stageName: "$default",
    autoDeploy: true,
    // Far above what people do by hand, far below what could exhaust the account or a service provider.
    throttle: { rateLimit: 50, burstLimit: 100 },
    accessLogSettings: {
      destination: new LogGroupLogDestination(accessLog),
      format: AccessLogFormat.custom(JSON.stringify(accessLogFormat)),
    },
  });
};
