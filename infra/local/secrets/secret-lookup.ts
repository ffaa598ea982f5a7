import { randomInt } from "node:crypto";
import type { AwsError } from "../signing/aws-error.ts";
import type { SecretRequest } from "./secret-requests.ts";
import type { Secrets } from "./secret-store.ts";
import { type Secret, secretsError } from "./secret-versions.ts";

/** By name, ARN, or ARN without its random end. */
export function lookUp(secrets: Secrets, id: string): Secret | undefined {
  return secrets.find(({ name, arn }) => name === id || arn === id || arn.slice(0, -7) === id);
}

export function find(secrets: Secrets, id: string): Secret {
  const secret = lookUp(secrets, id);
  if (!secret) throw notFound("Secrets Manager can't find the specified secret.");
  return secret;
}

export function findActive(secrets: Secrets, id: string): Secret {
  const secret = find(secrets, id);
  if (secret.deletionDate === undefined) return secret;
  throw secretsError(
    "InvalidRequestException",
    "You can't perform this operation on the secret because it was marked for deletion.",
  );
}

export function listSecrets(secrets: Secrets, input: SecretRequest<"ListSecrets">): object {
  const limit = input.MaxResults ?? 100;
  const after = input.NextToken ? Buffer.from(input.NextToken, "base64").toString("utf8") : "";
  const wanted = secrets
    .filter((secret) => input.IncludePlannedDeletion || secret.deletionDate === undefined)
    .filter((secret) => (input.Filters ?? []).every((filter) => matchesName(secret.name, filter.Values)))
    .filter((secret) => secret.name > after)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const page = wanted.slice(0, limit);
  const last = page.at(-1);
  return {
    SecretList: page.map((secret) => ({
      ...describe(secret),
      SecretVersionsToStages: stagesByVersion(secret),
    })),
    NextToken: last && wanted.length > limit ? Buffer.from(last.name, "utf8").toString("base64") : undefined,
  };
}

// Name filters match from the start; a leading ! turns one round.
function matchesName(name: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) =>
    prefix.startsWith("!") ? !name.startsWith(prefix.slice(1)) : name.startsWith(prefix),
  );
}

export function identity(secret: Secret): { ARN: string; Name: string } {
  return { ARN: secret.arn, Name: secret.name };
}

export function describe(secret: Secret): object {
  return {
    ...identity(secret),
    Description: secret.description,
    Tags: secret.tags,
    CreatedDate: secret.createdDate,
    LastChangedDate: secret.changedDate,
    DeletedDate: secret.deletionDate,
  };
}

export function stagesByVersion(secret: Secret): Record<string, string[]> {
  const staged = Object.entries(secret.versions).filter(([, version]) => version.stages.length > 0);
  return Object.fromEntries(staged.map(([id, version]) => [id, version.stages]));
}

export function notFound(message: string): AwsError {
  return secretsError("ResourceNotFoundException", message);
}

export function arnOf(name: string, region: string): string {
  const end = Array.from({ length: 6 }, () => randomInt(36).toString(36)).join("");
  return `arn:aws:secretsmanager:${region}:000000000000:secret:${name}-${end}`;
}
