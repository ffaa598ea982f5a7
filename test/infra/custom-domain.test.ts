import { AwsSolutionsChecks } from "cdk-nag";
import { expect, test } from "vitest";
import { idOf, plain, synthesize } from "./support.ts";

const domain = {
  domainName: "usher.example.com",
  certificateArn: "arn:aws:acm:eu-central-1:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef",
};
const { template, stack } = synthesize({ ...domain, hostedZoneId: "Z0123456789ABC" });
const domainId = idOf(template, "AWS::ApiGatewayV2::DomainName", "Domain");

test("the API is called by its own name, with the certificate that was given", () => {
  template.hasResourceProperties("AWS::ApiGatewayV2::DomainName", {
    DomainName: domain.domainName,
    DomainNameConfigurations: [{ CertificateArn: domain.certificateArn, EndpointType: "REGIONAL" }],
  });
  template.hasResourceProperties("AWS::ApiGatewayV2::ApiMapping", {
    ApiId: { Ref: idOf(template, "AWS::ApiGatewayV2::Api", "Api") },
    DomainName: { Ref: domainId },
    Stage: "$default",
  });
  template.hasOutput("ApiUrl", { Value: "https://usher.example.com" });
});

test("the record is made in the hosted zone that is given, under the whole name", () => {
  template.hasResourceProperties("AWS::Route53::RecordSet", {
    HostedZoneId: "Z0123456789ABC",
    Name: "usher.example.com.",
    Type: "A",
    AliasTarget: {
      DNSName: { "Fn::GetAtt": [domainId, "RegionalDomainName"] },
      HostedZoneId: { "Fn::GetAtt": [domainId, "RegionalHostedZoneId"] },
    },
  });
});

test("without a hosted zone an output says what the name has to point to", () => {
  const { template: elsewhere } = synthesize(domain);
  elsewhere.resourceCountIs("AWS::Route53::RecordSet", 0);
  expect(plain(elsewhere.findOutputs("DomainTarget").DomainTarget?.Value)).toBe(
    `<${domainId}.RegionalDomainName>`,
  );
});

test("the name that API Gateway gives stays open until it is closed", () => {
  const isClosed = (from: typeof template) =>
    Object.values(from.findResources("AWS::ApiGatewayV2::Api"))[0]?.Properties.DisableExecuteApiEndpoint;
  expect(isClosed(template)).toBe(false);
  expect(isClosed(synthesize({ ...domain, domainOnly: "true" }).template)).toBe(true);
});

test("cdk-nag finds nothing", () => {
  expect(new AwsSolutionsChecks().validateScope(stack).violations).toEqual([]);
});
