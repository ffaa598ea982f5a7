import { AwsError } from "../signing/aws-error.ts";

/** A secret as it is kept. Times are epoch seconds, as Secrets Manager sends them. */
export type Secret = {
  arn: string;
  name: string;
  description?: string | undefined;
  tags?: { Key: string; Value?: string | undefined }[] | undefined;
  createdDate: number;
  changedDate: number;
  /** From then on the secret does not exist any more. Absent while no deletion is scheduled. */
  deletionDate?: number | undefined;
  versions: Record<string, SecretVersion>;
};

/** Exactly one of `string` and `binary` (base64). */
export type SecretValue = { string?: string | undefined; binary?: string | undefined };
type SecretVersion = SecretValue & { createdDate: number; stages: string[] };

const maxVersions = 100;

/**
 * Adds a version, or finds it added already: a repeated token with the same value changes nothing.
 * `stages` move to it from whichever version has them; what AWSCURRENT leaves becomes AWSPREVIOUS. The first
 * version is always AWSCURRENT.
 *
 * @param token the client's request token, which is the version's id
 * @throws AwsError ResourceExistsException when the token stands for another value
 */
export function putVersion(
  secret: Secret,
  token: string,
  value: SecretValue,
  stages: readonly string[],
  second: number,
): void {
  const present = secret.versions[token];
  if (present) {
    if (sameValue(present, value)) return;
    throw secretsError(
      "ResourceExistsException",
      `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${secret.arn}.`,
    );
  }
  const first = Object.keys(secret.versions).length === 0;
  secret.versions[token] = { ...value, createdDate: second, stages: [] };
  for (const stage of first ? new Set([...stages, "AWSCURRENT"]) : stages) moveStage(secret, stage, token);
  secret.changedDate = second;
  dropOldVersions(secret);
}

export function sameValue(one: SecretValue, other: SecretValue): boolean {
  return one.string === other.string && one.binary === other.binary;
}

/** The version that a stage is on. */
export function versionWithStage(secret: Secret, stage: string): string | undefined {
  return Object.keys(secret.versions).find((id) => secret.versions[id]?.stages.includes(stage));
}

/** Takes a stage off the version that has it and puts it on `to`, or on none. */
export function moveStage(secret: Secret, stage: string, to: string | undefined): void {
  const from = versionWithStage(secret, stage);
  if (from === to) return;
  if (stage === "AWSCURRENT" && from !== undefined) moveStage(secret, "AWSPREVIOUS", from);
  const source = from === undefined ? undefined : secret.versions[from];
  if (source) source.stages = source.stages.filter((candidate) => candidate !== stage);
  const target = to === undefined ? undefined : secret.versions[to];
  if (target) target.stages = [...target.stages, stage];
}

// As in AWS, versions without a stage stay readable by their id until there are more than 100.
function dropOldVersions(secret: Secret): void {
  const unstaged = Object.keys(secret.versions).filter((id) => secret.versions[id]?.stages.length === 0);
  const surplus = Object.keys(secret.versions).length - maxVersions;
  for (const id of unstaged.slice(0, Math.max(0, surplus))) delete secret.versions[id];
}

/** An error with status 400, the only one that Secrets Manager's own refusals have. */
export function secretsError(type: string, message: string): AwsError {
  return new AwsError(400, { __type: type, Message: message });
}
