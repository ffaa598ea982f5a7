import { Aws, Fn, RemovalPolicy, Stack } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  type CfnStage,
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
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { Admission, Route } from "../shared/http/endpoint.ts";
import { rolesFrom } from "../shared/model/role.ts";
import { acknowledge } from "./acknowledge.ts";
import { addCustomDomain } from "./custom-domain.ts";
import type { Callers, Settings } from "./settings.ts";

/** The HTTP API, and the two ways to put a Lambda behind it. */
export type Api = {
  api: HttpApi;
  /** Where to call, without a slash at the end. */
  url: string;
  /** What the own name of the API has to point to, where it has one. */
  domainTarget: string | undefined;
  addRoute(route: Pick<Route, "name" | "method" | "path"> & Admission, handler: IFunction): void;
  /** Every path and method that no route has, so that they too get a problem document, whatever the caller's role. */
  addCatchAll(handler: IFunction): void;
  /** SCIM in, whose callers are no principals here: its Lambda asks for their tokens. */
  addScim(handler: IFunction): void;
};

type ApiSettings = Pick<Settings, "callers" | "domain" | "rateLimit" | "burstLimit" | "accessLogDays">;

/** An HTTP API that lets in `callers` with the role of a route alone, but for open routes. */
export const addApi = (scope: Construct, settings: ApiSettings): Api => {
  const { callers, domain } = settings;
  const api = new HttpApi(scope, "Api", {
    // The name in the console, where several deployments lie side by side.
    apiName: Stack.of(scope).stackName,
    description: "Usher: identity provisioning",
    createDefaultStage: false,
    disableExecuteApiEndpoint: domain?.isOnly === true,
  });
  const stage = addStage(scope, api, settings);
  const guardOf = guardsOf(callers);
  return {
    api,
    url: domain === undefined ? api.apiEndpoint : `https://${domain.name}`,
    domainTarget: domain && addCustomDomain(scope, api, stage, domain),
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
    addScim: (handler) => {
      const route = new HttpRoute(scope, "Route-scim", {
        httpApi: api,
        routeKey: HttpRouteKey.with(scimRoute, HttpMethod.ANY),
        integration: new HttpLambdaIntegration("scim", handler),
        ...guardOf({ open: true }),
      });
      acknowledge(
        route,
        "AwsSolutions-APIG4",
        "Identity providers cannot sign: the Lambda asks for the token of a source, and refuses in SCIM's own form.",
      );
      // CloudFormation knows no settings of a route that is not there yet.
      stage.node.addDependency(route);
      (stage.node.defaultChild as CfnStage).routeSettings = { [`ANY ${scimRoute}`]: scimThrottle };
    },
  };
};

const scimRoute = "/scim/v2/{proxy+}";
/** Apart from that of callers: a full sync of an identity provider keeps nobody from removing a leaver. */
const scimThrottle = { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 };

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
const addStage = (scope: Construct, api: HttpApi, settings: ApiSettings): HttpStage =>
  new HttpStage(scope, "Stage", {
    httpApi: api,
    stageName: "$default",
    autoDeploy: true,
    // By default far above what people do by hand, far below what could exhaust the account or a service provider.
    throttle: { rateLimit: settings.rateLimit, burstLimit: settings.burstLimit },
    accessLogSettings: {
      destination: new LogGroupLogDestination(addAccessLog(scope, settings)),
      format: AccessLogFormat.custom(JSON.stringify(accessLogFormat)),
    },
  });

/**
 * Under the prefix that CloudWatch lets AWS's services write to as a whole: elsewhere each log group adds to a policy of the
 * account, which holds 5,120 characters. It stays after the stack, so a later stack of the same name needs another name
 * here, which a part of the stack's id makes.
 */
const addAccessLog = (scope: Construct, { accessLogDays }: ApiSettings): LogGroup =>
  new LogGroup(scope, "AccessLog", {
    logGroupName: `/aws/vendedlogs/apis/${Stack.of(scope).stackName}-${partOfStackId}`,
    // A call that the gateway refuses leaves no event, so this is its only record.
    retention: accessLogDays,
    removalPolicy: RemovalPolicy.RETAIN,
  });

/** The first eight digits of the UUID at the end of `arn:…:stack/NAME/UUID`. */
const partOfStackId = Fn.select(0, Fn.split("-", Fn.select(2, Fn.split("/", Aws.STACK_ID))));
