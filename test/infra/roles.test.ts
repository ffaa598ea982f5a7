import { describe, expect, test } from "vitest";
import { routes } from "../../functions/index.ts";
import type { Route } from "../../shared/http/endpoint.ts";
import { type Role, reaches, roles } from "../../shared/model/role.ts";
import { allowedBy, callsOf, functionOf, plain, resourcesOf, synthesize } from "./support.ts";

const keyOf = ({ method, path }: Route) => `${method} ${path}`;
const ofRole = (role: Role) => routes.filter((route) => route.role === role).map(keyOf);
const walk = routes.flatMap((route) => roles.map((role) => ({ key: keyOf(route), role, route })));
const mayCall = (role: Role, route: Route) => route.role === undefined || reaches(role, route.role);

describe("the table of roles", () => {
  test("every read is for everyone, and nothing else is for readers", () => {
    for (const { method, role, open, path } of routes)
      expect([path, role === "read" || open === true]).toEqual([path, method === "GET"]);
  });

  test("the life of integrations, and what the guard holds, is for the admin", () => {
    const integration = "/integrations/{integrationId}";
    expect(ofRole("admin")).toEqual(
      expect.arrayContaining([
        "POST /integrations",
        `PATCH ${integration}`,
        `DELETE ${integration}`,
        ...["reauth", "test", "pause", "resume"].map((word) => `POST ${integration}/${word}`),
        ...["approve", "reject"].map((word) => `POST ${integration}/holds/{holdId}/${word}`),
      ]),
    );
  });

  test("users, groups, members, locks, exclusions and retries are for provisioners", () => {
    const integration = "/integrations/{integrationId}";
    const [user, group] = ["/users/{userId}", "/groups/{groupId}"];
    expect(ofRole("provision")).toEqual(
      expect.arrayContaining([
        ...["PUT", "PATCH", "DELETE"].map((method) => `${method} ${user}`),
        ...["PUT", "DELETE"].flatMap((method) =>
          [group, integration + user, integration + group].map((path) => `${method} ${path}`),
        ),
        ...[`${user}/lock`, `${user}/unlock`, `${group}/members`].map((path) => `POST ${path}`),
        ...[`${group}/members`, "/retry"].map((path) => `POST ${integration}${path}`),
        `DELETE ${integration}${user}/exclusion`,
      ]),
    );
  });
});

describe("with JWT callers", () => {
  const jwt = { issuer: "https://login.example.com/", audience: "usher", adminScope: "usher/all" };
  const scopes: Record<Role, string> = {
    read: "usher.read",
    provision: "usher.provision",
    admin: "usher/all",
  };
  const { template } = synthesize(jwt, routes);
  const deployed = new Map(
    Object.values(template.findResources("AWS::ApiGatewayV2::Route")).map(({ Properties: properties }) => [
      properties.RouteKey as string,
      properties as { AuthorizationType: string; AuthorizationScopes?: string[] },
    ]),
  );
  const letsIn = (key: string, role: Role): boolean => {
    const { AuthorizationType, AuthorizationScopes = [] } = deployed.get(key) ?? { AuthorizationType: "?" };
    // The gateway takes a token that has any one of the scopes, and without scopes every token of the issuer.
    return AuthorizationType === "NONE" || AuthorizationScopes.includes(scopes[role]);
  };

  test.each(walk)("$key lets in $role as it should", ({ key, role, route }) => {
    expect(letsIn(key, role)).toBe(mayCall(role, route));
  });

  test("no route asks for a token and for no scope, and unknown paths are told to every role", () => {
    for (const [key, { AuthorizationType, AuthorizationScopes = [] }] of deployed)
      expect([key, AuthorizationScopes.length > 0]).toEqual([key, AuthorizationType === "JWT"]);
    for (const role of roles) expect(letsIn("$default", role)).toBe(true);
  });

  test("each Lambda that takes callers knows the scopes, and no other", () => {
    const told = { READ_SCOPE: "usher.read", PROVISION_SCOPE: "usher.provision", ADMIN_SCOPE: "usher/all" };
    for (const { name, open } of routes) {
      const { environment } = functionOf(template, name);
      if (open) expect(Object.keys(environment)).not.toContain("READ_SCOPE");
      else expect(environment).toMatchObject(told);
    }
    expect(functionOf(template, "not-found").environment).toMatchObject(told);
    expect(Object.keys(functionOf(template, "drain-integration").environment)).not.toContain("ADMIN_SCOPE");
  });
});

describe("with IAM callers", () => {
  const { template } = synthesize({}, routes);
  const policies: Record<Role, string> = {
    read: "AuditorPolicy",
    provision: "ProvisionerPolicy",
    admin: "AdminPolicy",
  };
  const api = callsOf(template);
  /** Ids that read like words of paths, too: a wildcard must not take one for the way to another call. */
  const words = [...new Set(routes.flatMap(({ path }) => path.split("/")))].filter((word) =>
    /^[a-z]/.test(word),
  );
  const ids = ["a.b@example.com", "%2F", "-", ...words];

  test.each(walk)("$key lets in $role as it should, whatever the ids", ({ role, route }) => {
    const isAllowed = allowedBy(template, policies[role]);
    for (const one of ids)
      for (const other of ids) {
        const called = route.path.replace(/\{\w+\}/, one).replace(/\{\w+\}/g, other);
        expect([called, isAllowed("execute-api:Invoke", `${api}${route.method}${called}`)]).toEqual([
          called,
          mayCall(role, route),
        ]);
      }
  });

  /** Calls that the next releases may bring, most of them for provisioners. */
  const integration = "/integrations/{integrationId}";
  const further = Array.from({ length: 12 }, (_, at): Route => {
    const path = `${integration}/a-long-word-of-a-path-${at}/{id}/another-one`;
    return { name: `further-${at}`, method: "POST", path, role: "provision", summary: "", access: {} };
  });

  test("each policy fits the 6,144 characters of a managed policy, with room for 12 routes more", () => {
    const { template: larger } = synthesize({}, [...routes, ...further]);
    for (const { Type, Properties: properties = {} } of Object.values(resourcesOf(larger))) {
      if (Type !== "AWS::IAM::ManagedPolicy") continue;
      expect(lengthOf(properties.PolicyDocument)).toBeLessThan(6144);
    }
  });
});

/** As IAM counts: without blanks, with the longest names that a partition, a region and an account have. */
const lengthOf = (document: unknown): number => {
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== "object" || value === null) return value;
    if ("Ref" in value || "Fn::Join" in value || "Fn::GetAtt" in value)
      return plain(value)
        .replace("<AWS::Partition>", "aws-us-gov")
        .replace("<AWS::Region>", "ap-southeast-1")
        .replace("<AWS::AccountId>", "123456789012")
        .replace(/<Api\w+>/, "a1b2c3d4e5");
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolve(inner)]));
  };
  return JSON.stringify(resolve(document)).length;
};
