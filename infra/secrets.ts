import { ArnFormat, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";

/** Secrets that are made at run time: the stack owns only the beginning of their names. */
type Prefix = { name: string; arn: string };

/**
 * Where the secrets of integrations live; where operators put those that calls name by `secretArn`; and the key of hashes:
 * of bodies kept with an `Idempotency-Key`, and of secrets, to tell whether two are the same.
 */
export type Secrets = { ofIntegrations: Prefix; given: Prefix; idempotencyKey: Secret };

/** The prefixes never overlap: whoever names a given secret can name none of an integration. */
export const addSecrets = (scope: Construct): Secrets => {
  const stack = Stack.of(scope);
  const idempotencyKey = new Secret(scope, "IdempotencyKey", {
    secretName: `usher/${stack.stackName}/idempotency-key`,
    description:
      "Keys the hashes of request bodies (kept for 24 hours) and of the secrets of integrations (to find two of one tenant).",
    generateSecretString: { passwordLength: 64, excludePunctuation: true },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  acknowledge(
    idempotencyKey,
    "AwsSolutions-SMG4",
    "It opens nothing. A rotation would make a repeated call look like another body, and the same secret like another one.",
  );
  const prefixOf = (kind: string): Prefix => {
    const name = `usher/${stack.stackName}/${kind}/`;
    const arn = stack.formatArn({
      service: "secretsmanager",
      resource: "secret",
      resourceName: `${name}*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return { name, arn };
  };
  return { ofIntegrations: prefixOf("integrations"), given: prefixOf("given"), idempotencyKey };
};
