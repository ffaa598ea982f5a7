import { ArnFormat, RemovalPolicy, Stack } from "aws-cdk-lib";
import { type ISecret, Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import type { Settings } from "./settings.ts";

/** Secrets that are made at run time: the stack owns only the beginning of their names. */
type Prefix = { name: string; arn: string };

/**
 * Where the secrets of integrations live; where operators put those that calls name by `secretArn`; and the key of hashes:
 * of bodies kept with an `Idempotency-Key`, and of secrets, to tell whether two are the same.
 */
export type Secrets = { ofIntegrations: Prefix; given: Prefix; idempotencyKey: Secret | ISecret };

/** The prefixes never overlap: whoever names a given secret can name none of an integration. The stack makes the key itself. */
export const addSecrets = (scope: Construct, { hashKeyArn }: Pick<Settings, "hashKeyArn">): Secrets => {
  const stack = Stack.of(scope);
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
  const idempotencyKey =
    hashKeyArn === undefined
      ? addHashKey(scope, stack.stackName)
      : Secret.fromSecretCompleteArn(scope, "AdoptedKey", hashKeyArn);
  return { ofIntegrations: prefixOf("integrations"), given: prefixOf("given"), idempotencyKey };
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
