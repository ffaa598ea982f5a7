import { ArnFormat, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";

/**
 * Where the secrets of integrations live, and the key of hashes: of bodies kept with an `Idempotency-Key`, and of
 * secrets, to tell whether two are the same.
 */
export type Secrets = { prefix: string; prefixArn: string; idempotencyKey: Secret };

/** Secrets of integrations are made at run time, so the stack owns only their prefix; the key it makes itself. */
export const addSecrets = (scope: Construct): Secrets => {
  const stack = Stack.of(scope);
  const prefix = `usher/${stack.stackName}/integrations/`;
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
  const prefixArn = stack.formatArn({
    service: "secretsmanager",
    resource: "secret",
    resourceName: `${prefix}*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return { prefix, prefixArn, idempotencyKey };
};
