import { deleteSecret } from "./secret-deletion.ts";
import {
  arnOf,
  describe,
  find,
  findActive,
  identity,
  listSecrets,
  notFound,
  stagesByVersion,
} from "./secret-lookup.ts";
import type { SecretOperation, SecretRequest } from "./secret-requests.ts";
import type { SecretStore, Secrets } from "./secret-store.ts";
import {
  moveStage,
  putVersion,
  type Secret,
  type SecretValue,
  sameValue,
  secretsError,
  versionWithStage,
} from "./secret-versions.ts";

type Operations = { [O in SecretOperation]: (input: SecretRequest<O>) => object | Promise<object> };

/** Secrets Manager's operations over a store; each returns the operation's output in the JSON protocol. */
export function secretOperations(store: SecretStore, region: string, now: () => number): Operations {
  const second = () => now() / 1000;
  return {
    CreateSecret: (input) => store.update((secrets) => createSecret(secrets, input, region, second())),
    PutSecretValue: (input) =>
      store.update((secrets) => {
        const secret = findActive(secrets, input.SecretId);
        const stages = input.VersionStages ?? ["AWSCURRENT"];
        putVersion(secret, input.ClientRequestToken, oneValue(input), stages, second());
        const version = secret.versions[input.ClientRequestToken];
        return { ...identity(secret), VersionId: input.ClientRequestToken, VersionStages: version?.stages };
      }),
    GetSecretValue: (input) => getValue(findActive(store.read(), input.SecretId), input),
    UpdateSecretVersionStage: (input) =>
      store.update((secrets) => updateStage(findActive(secrets, input.SecretId), input, second())),
    DescribeSecret: (input) => {
      const secret = find(store.read(), input.SecretId);
      return { ...describe(secret), VersionIdsToStages: stagesByVersion(secret) };
    },
    DeleteSecret: (input) => store.update((secrets) => deleteSecret(secrets, input, region, second())),
    RestoreSecret: (input) =>
      store.update((secrets) => {
        const secret = find(secrets, input.SecretId);
        secret.deletionDate = undefined;
        return identity(secret);
      }),
    ListSecrets: (input) => listSecrets(store.read(), input),
  };
}

function createSecret(
  secrets: Secrets,
  input: SecretRequest<"CreateSecret">,
  region: string,
  second: number,
): object {
  const value = oneValue(input);
  const present = secrets.find((secret) => secret.name === input.Name);
  if (present?.deletionDate !== undefined) {
    throw secretsError(
      "InvalidRequestException",
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  const sameVersion = present?.versions[input.ClientRequestToken];
  if (present && !(sameVersion && sameValue(sameVersion, value))) {
    throw secretsError(
      "ResourceExistsException",
      `The operation failed because the secret ${input.Name} already exists.`,
    );
  }
  if (present) return { ...identity(present), VersionId: input.ClientRequestToken };
  const secret: Secret = {
    arn: arnOf(input.Name, region),
    name: input.Name,
    description: input.Description,
    tags: input.Tags,
    createdDate: second,
    changedDate: second,
    versions: {},
  };
  putVersion(secret, input.ClientRequestToken, value, [], second);
  secrets.push(secret);
  return { ...identity(secret), VersionId: input.ClientRequestToken };
}

function getValue(secret: Secret, input: SecretRequest<"GetSecretValue">): object {
  const stage = input.VersionStage ?? (input.VersionId === undefined ? "AWSCURRENT" : undefined);
  const id = input.VersionId ?? versionWithStage(secret, stage ?? "AWSCURRENT");
  const version = id === undefined ? undefined : secret.versions[id];
  if (!version || (stage !== undefined && !version.stages.includes(stage))) {
    const wanted = input.VersionId ? `VersionId: ${input.VersionId}` : `staging label: ${stage}`;
    throw notFound(`Secrets Manager can't find the specified secret value for ${wanted}`);
  }
  return {
    ...identity(secret),
    VersionId: id,
    VersionStages: version.stages,
    CreatedDate: version.createdDate,
    SecretString: version.string,
    SecretBinary: version.binary,
  };
}

function updateStage(
  secret: Secret,
  input: SecretRequest<"UpdateSecretVersionStage">,
  second: number,
): object {
  const { VersionStage: stage, MoveToVersionId: to, RemoveFromVersionId: from } = input;
  if (to !== undefined && !secret.versions[to]) {
    throw notFound(`Secrets Manager can't find the specified secret value for VersionId: ${to}`);
  }
  const current = versionWithStage(secret, stage);
  if (current !== undefined && current !== to && from !== current) {
    const message = `Staging label ${stage} is currently attached to version ${current}, so you must explicitly reference that version in RemoveFromVersionId.`;
    throw secretsError("InvalidParameterException", message);
  }
  if (from !== undefined && from !== current) {
    const message = `Staging label ${stage} is not attached to version ${from}.`;
    throw secretsError("InvalidParameterException", message);
  }
  if (to === undefined && stage === "AWSCURRENT") {
    const message =
      "You can only move staging label AWSCURRENT to a different secret version. It can't be removed.";
    throw secretsError("InvalidParameterException", message);
  }
  moveStage(secret, stage, to);
  secret.changedDate = second;
  return identity(secret);
}

function oneValue(input: {
  SecretString?: string | undefined;
  SecretBinary?: string | undefined;
}): SecretValue {
  const { SecretString: string, SecretBinary: binary } = input;
  if ((string === undefined) === (binary === undefined)) {
    throw secretsError("InvalidParameterException", "You must provide either SecretString or SecretBinary.");
  }
  return string === undefined ? { binary } : { string };
}
