import { ApiMapping, DomainName, type HttpApi, type IStage } from "aws-cdk-lib/aws-apigatewayv2";
import { Certificate } from "aws-cdk-lib/aws-certificatemanager";
import { ARecord, HostedZone, RecordTarget } from "aws-cdk-lib/aws-route53";
import { ApiGatewayv2DomainProperties } from "aws-cdk-lib/aws-route53-targets";
import type { Construct } from "constructs";
import * as z from "zod";

/** A name of one's own for the API. `isOnly`: the name that API Gateway gives answers nothing. */
export type Domain = {
  name: string;
  certificateArn: string;
  hostedZoneId: string | undefined;
  isOnly: boolean;
};

export const domainOptions = {
  /** Name under which the API is called, e.g. `usher.example.com`. */
  domainName: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, "give a name such as usher.example.com")
    .optional(),
  /** Certificate of that name in ACM, in the region of the stack. */
  certificateArn: z
    .string()
    .regex(/^arn:[a-z-]+:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/, "give the ARN of an ACM certificate")
    .optional(),
  /** Public hosted zone in which the stack makes the record; without it, point the name at the output yourself. */
  hostedZoneId: z
    .string()
    .regex(/^Z[A-Z0-9]+$/, "give the id of a hosted zone, such as Z0123456789ABC")
    .optional(),
  /** Closes the name that API Gateway gives. */
  domainOnly: z.union([z.boolean(), z.stringbool()]).default(false),
};

type DomainOptions = z.output<z.ZodObject<typeof domainOptions>>;

/** A name is of no use without its certificate, nor are the others without a name. */
export const isWholeDomain = (options: DomainOptions): boolean => {
  const { domainName, certificateArn, hostedZoneId, domainOnly } = options;
  if (domainName !== undefined) return certificateArn !== undefined;
  return certificateArn === undefined && hostedZoneId === undefined && !domainOnly;
};

export const domainOf = (options: DomainOptions): Domain | undefined => {
  const { domainName: name, certificateArn, hostedZoneId, domainOnly: isOnly } = options;
  if (name === undefined || certificateArn === undefined) return undefined;
  return { name, certificateArn, hostedZoneId, isOnly };
};

/** Puts the API behind its own name. Answers where that name has to point, which the hosted zone's record does if given. */
export const addCustomDomain = (scope: Construct, api: HttpApi, stage: IStage, domain: Domain): string => {
  const domainName = new DomainName(scope, "Domain", {
    domainName: domain.name,
    certificate: Certificate.fromCertificateArn(scope, "Certificate", domain.certificateArn),
  });
  new ApiMapping(scope, "DomainMapping", { api, domainName, stage });
  const { regionalDomainName, regionalHostedZoneId } = domainName;
  if (domain.hostedZoneId !== undefined) {
    // The record bears the full name, so what the zone is called makes no difference.
    const zone = HostedZone.fromHostedZoneAttributes(scope, "Zone", {
      hostedZoneId: domain.hostedZoneId,
      zoneName: domain.name,
    });
    const target = new ApiGatewayv2DomainProperties(regionalDomainName, regionalHostedZoneId);
    new ARecord(scope, "DomainRecord", { zone, target: RecordTarget.fromAlias(target) });
  }
  return regionalDomainName;
};
