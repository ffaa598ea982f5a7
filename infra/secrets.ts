import { ArnFormat, RemovalPolicy, Stack } from "aws-cdk-lib";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import type { Settings } from "./settings.ts";

/**
 * Where the secrets of integrations live, and the key of hashes: of bodies kept with an `Idempotency-Key`, and of
 * secrets, to tell whether two are the same.
 */
export type Secrets = { prefix: string; prefixArn: string; idempotencyKey: Secret | ISecret };

/** Secrets of integrations are made at run time, so the stack owns only their prefix; the key it makes itself. */
export const addSecrets = (scope: Construct, { hashKeyArn }: Pick<Settings, "hashKeyArn">): Secrets => {
  const stack = Stack.of(scope);
  const prefix = `usher/${stack.stackName}/integrations/`;
  const prefixArn = stack.formatArn({
    service: "secretsmanager",
    resource: "secret",
    resourceName: `${prefix}*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const idempotencyKey =
    hashKeyArn === undefined
      ? addHashKey(scope, stack.stackName)
      : Secret.fromSecretCompleteArn(scope, "AdoptedKey", hashKeyArn);
  return { prefix, prefixArn, idempotencyKey };
};

const addHashKey = (scope: Construct, stackName: string): Secret => {
  const key = new Secret(scope, "IdempotencyKey", {
    secretName: `usher/${stackName}/idempotency-key`,
    description:
      "Keys the hashes of request bodies (kept for 24 hours) and of the secrets of integrations (to find two of one tenant).",
    generateSecretString: { passwordLength: 64, excludePunctuation: true },
    // The tables stay, and what they hold was hashed with it.
    removalPolicy: RemovalPolicy.RETAIN,
  });
  acknowledge(
    key,
    "AwsSolutions-SMG4",
    "It opens nothing. A rotation would make a repeated call look like another body, and the same secret like another one.",
  );
  return key;
};
