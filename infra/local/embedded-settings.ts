import { devNull } from "node:os";
import type { RunKeys } from "./signing/run-keys.ts";

/** Names in the embedded run; the same as in a stack called `usher`. */
export const tables = { state: "usher-state", events: "usher-events" };
export const idempotencySecret = "usher/idempotency-key";
const secretPrefix = "usher/integrations/";
const givenSecretPrefix = "usher/given/";

/** What of the user's own AWS set-up could lead a client past the embedded endpoints, to a real account. */
const foreign = [
  "AWS_PROFILE",
  "AWS_DEFAULT_PROFILE",
  "AWS_SESSION_TOKEN",
  "AWS_ENDPOINT_URL",
  "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
  "AWS_USE_FIPS_ENDPOINT",
  "AWS_USE_DUALSTACK_ENDPOINT",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "NOTIFY_TOPIC_ARN",
  "NOTIFY_URL",
  "NOTIFY_SECRET_ID",
  "EVENT_RETENTION_DAYS",
  "EVENT_SHARDS",
  "USHER_ORGANIZATION",
  "USHER_PUBLIC_URL",
];

/** Sets the environment that AWS would give the Lambdas. The function that it returns puts back what was there. */
export const applyEmbeddedSettings = (run: {
  keys: RunKeys;
  dynamodbUrl: string;
  secretsUrl: string;
  notifyUrl?: string | undefined;
}): (() => void) => {
  const settings: Record<string, string> = {
    AWS_ENDPOINT_URL_DYNAMODB: run.dynamodbUrl,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: run.secretsUrl,
    AWS_ACCESS_KEY_ID: run.keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: run.keys.secretAccessKey,
    AWS_REGION: run.keys.region,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: "true",
    STATE_TABLE: tables.state,
    EVENTS_TABLE: tables.events,
    SECRET_PREFIX: secretPrefix,
    GIVEN_SECRET_PREFIX: givenSecretPrefix,
    IDEMPOTENCY_SECRET_ID: idempotencySecret,
    ...(run.notifyUrl !== undefined && { NOTIFY_URL: run.notifyUrl }),
  };
  const before = [...foreign, ...Object.keys(settings)].map((name) => [name, process.env[name]] as const);
  for (const name of foreign) delete process.env[name];
  Object.assign(process.env, settings);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
};
