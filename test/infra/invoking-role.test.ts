import { expect, test } from "vitest";
import { routes } from "../../functions/index.ts";
import { idOf, synthesize } from "./support.ts";

const { template } = synthesize({}, routes);
const only = (type: string, start: string) =>
  Object.entries(template.findResources(type)).filter(([id]) => id.startsWith(start));

test("the API invokes as a role that API Gateway alone may assume, and exactly what is behind its routes", () => {
  const [[, role] = []] = only("AWS::IAM::Role", "InvokingRole");
  expect(role?.Properties.AssumeRolePolicyDocument.Statement).toEqual([
    { Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" } },
  ]);
  const policies = only("AWS::IAM::ManagedPolicy", "InvokingPolicy");
  expect(role?.Properties.ManagedPolicyArns).toEqual(policies.map(([id]) => ({ Ref: id })));
  const statements = policies.flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement);
  expect(new Set(statements.map(({ Action }) => Action))).toEqual(new Set(["lambda:InvokeFunction"]));
  const invoked = statements.flatMap(({ Resource }) => Resource).map((arn) => JSON.stringify(arn));
  const behind = [...routes.map(({ name }) => name), "not-found"].map((name) =>
    JSON.stringify({
      "Fn::GetAtt": [idOf(template, "AWS::Lambda::Function", `${name.replaceAll("-", "")}Function`), "Arn"],
    }),
  );
  expect(invoked.toSorted()).toEqual(behind.toSorted());
});

test("every integration has that role, and no Lambda a permission for the API", () => {
  const [[roleId] = []] = only("AWS::IAM::Role", "InvokingRole");
  for (const [, { Properties }] of only("AWS::ApiGatewayV2::Integration", ""))
    expect(Properties.CredentialsArn).toEqual({ "Fn::GetAtt": [roleId, "Arn"] });
  const principals = only("AWS::Lambda::Permission", "").map(([, { Properties }]) => Properties.Principal);
  expect(principals).not.toContain("apigateway.amazonaws.com");
});
