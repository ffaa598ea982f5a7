import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { idOf, plain, resourcesOf, sampleRoutes, synthesize } from "./support.ts";

/** What CloudFormation makes of Ref, Fn::Join, Fn::Split and Fn::Select. */
const evaluate = (value: unknown, refs: Record<string, string>): string | string[] => {
  if (typeof value === "string") return value;
  const [[name, argument] = []] = Object.entries(value as Record<string, unknown>);
  if (name === "Ref") return refs[argument as string] ?? "";
  const [first, second] = argument as [string | number, unknown];
  if (name === "Fn::Join")
    return (second as unknown[]).map((part) => evaluate(part, refs)).join(String(first));
  const inner = evaluate(second, refs);
  if (name === "Fn::Split") return (inner as string).split(first as string);
  if (name === "Fn::Select") return (inner as string[])[first as number] ?? "";
  throw new Error(`${name} is not known here`);
};

const jwt = { issuer: "https://login.example.com/", audience: "usher, console" };
const { template } = synthesize();

const routesOf = (from: typeof template): Map<string, Record<string, unknown>> =>
  new Map(
    Object.values(from.findResources("AWS::ApiGatewayV2::Route")).map(({ Properties: properties }) => [
      properties.RouteKey,
      properties,
    ]),
  );

const scimRoute = "ANY /scim/v2/{proxy+}";
const isOpen = (key: string) => key === scimRoute || key.endsWith(" /health");
const keyOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;

test("every route of the table is a route of the API, and there is the catch-all", () => {
  expect([...routesOf(template).keys()].sort()).toEqual(
    ["$default", "HEAD /health", scimRoute, ...sampleRoutes.map(keyOf)].sort(),
  );
});

test("each route reaches the Lambda of its name", () => {
  const integrations = template.findResources("AWS::ApiGatewayV2::Integration");
  const targetOf = (key: string) => {
    const id = plain(routesOf(template).get(key)?.Target).replace(/^integrations\/<(.+)>$/, "$1");
    return plain(integrations[id]?.Properties.IntegrationUri);
  };
  const lambda = (name: string) =>
    `<${idOf(template, "AWS::Lambda::Function", `${name.replaceAll("-", "")}Function`)}.Arn>`;
  for (const route of sampleRoutes) expect(targetOf(keyOf(route))).toBe(lambda(route.name));
  expect(targetOf("HEAD /health")).toBe(targetOf("GET /health"));
  expect(targetOf("$default")).toBe(lambda("not-found"));
});

describe("callers", () => {
  test("are principals of the account by default, but for open routes", () => {
    for (const [key, route] of routesOf(template)) {
      expect([key, route.AuthorizationType]).toEqual([key, isOpen(key) ? "NONE" : "AWS_IAM"]);
    }
    template.resourceCountIs("AWS::ApiGatewayV2::Authorizer", 0);
  });

  test("are holders of a token with a scope of the route's role or above when issuer and audience are given", () => {
    const { template: withJwt } = synthesize(jwt);
    withJwt.hasResourceProperties("AWS::ApiGatewayV2::Authorizer", {
      AuthorizerType: "JWT",
      IdentitySource: ["$request.header.Authorization"],
      JwtConfiguration: { Issuer: jwt.issuer, Audience: ["usher", "console"] },
    });
    const scopes = ["usher.read", "usher.provision", "usher.admin"];
    // The catch-all asks for the least.
    const scopesOf = (key: string) => {
      const { role = "read" } = sampleRoutes.find((route) => keyOf(route) === key) ?? {};
      return scopes.slice(scopes.indexOf(`usher.${role}`));
    };
    const authorizer = { Ref: Object.keys(withJwt.findResources("AWS::ApiGatewayV2::Authorizer"))[0] };
    for (const [key, route] of routesOf(withJwt)) {
      if (isOpen(key)) {
        expect(route.AuthorizationType).toBe("NONE");
        expect(route).not.toHaveProperty("AuthorizationScopes");
      } else {
        expect([key, route]).toEqual([
          key,
          expect.objectContaining({
            AuthorizationType: "JWT",
            AuthorizerId: authorizer,
            AuthorizationScopes: scopesOf(key),
          }),
        ]);
      }
    }
  });
});

test("SCIM in has a throttle of its own, which comes after its route", () => {
  const [stage] = Object.values(template.findResources("AWS::ApiGatewayV2::Stage"));
  expect(stage?.Properties.RouteSettings).toEqual({
    [scimRoute]: { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 },
  });
  expect(stage?.DependsOn).toContain(idOf(template, "AWS::ApiGatewayV2::Route", "Routescim"));
});

describe("stage", () => {
  const stage = Object.values(template.findResources("AWS::ApiGatewayV2::Stage"))[0]?.Properties;

  test("has no name in the path and is throttled", () => {
    template.hasResourceProperties("AWS::ApiGatewayV2::Stage", {
      StageName: "$default",
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
    });
  });

  test("logs who called which route as JSON, without path, query or headers", () => {
    const format = JSON.parse(stage.AccessLogSettings.Format) as Record<string, string>;
    expect(Object.values(format)).toContain("$context.routeKey");
    expect(Object.values(format)).toContain("$context.requestId");
    for (const variable of Object.values(format)) {
      expect(variable).toMatch(/^\$context\.[a-zA-Z.]+$/);
      expect(variable).not.toMatch(/path|query|header|userAgent|errorMessage/i);
    }
  });

  test("takes other limits", () => {
    synthesize({ rateLimit: "200", burstLimit: "400" }).template.hasResourceProperties(
      "AWS::ApiGatewayV2::Stage",
      { DefaultRouteSettings: { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 } },
    );
  });

  test("logs to a group under the prefix of vended logs, which no later stack of the same name meets", () => {
    const name = (context = {}) => {
      const { template: from } = synthesize(context);
      const { Properties: properties = {} } =
        resourcesOf(from)[idOf(from, "AWS::Logs::LogGroup", "AccessLog")] ?? {};
      return evaluate(properties.LogGroupName, {
        "AWS::StackId":
          "arn:aws:cloudformation:eu-central-1:111122223333:stack/usher/5f0a1b2c-89ab-11f0-8de9-0242ac120002",
      });
    };
    expect(name()).toBe("/aws/vendedlogs/apis/usher-5f0a1b2c");
    expect(name({ stage: "prod" })).toBe("/aws/vendedlogs/apis/usher-prod-5f0a1b2c");
  });

  test("keeps that log as long as events by default, and after the stack", () => {
    template.hasResource("AWS::Logs::LogGroup", {
      Properties: { RetentionInDays: 400 },
      DeletionPolicy: "Retain",
    });
    expect(plain(stage.AccessLogSettings.DestinationArn)).toBe(
      `<${idOf(template, "AWS::Logs::LogGroup", "AccessLog")}.Arn>`,
    );
  });
});

test("the API is called as the stack is", () => {
  const { template: prod } = synthesize({ stage: "prod" });
  prod.hasResourceProperties("AWS::ApiGatewayV2::Api", { Name: "usher-prod" });
});

test("no other site may call the API from a browser", () => {
  template.hasResourceProperties("AWS::ApiGatewayV2::Api", {
    ProtocolType: "HTTP",
    CorsConfiguration: Match.absent(),
  });
});
