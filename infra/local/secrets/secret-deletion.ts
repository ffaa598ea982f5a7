import { arnOf, findActive, identity, lookUp } from "./secret-lookup.ts";
import type { SecretRequest } from "./secret-requests.ts";
import type { Secrets } from "./secret-store.ts";
import { secretsError } from "./secret-versions.ts";

const daySeconds = 24 * 60 * 60;

/** The DeleteSecret operation: by force at once, else after a recovery window of 7 to 30 days. */
export function deleteSecret(
  secrets: Secrets,
  input: SecretRequest<"DeleteSecret">,
  region: string,
  second: number,
): object {
  const { RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force = false } = input;
  if (force && days !== undefined) {
    const message = "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.";
    throw secretsError("InvalidParameterException", message);
  }
  if (days !== undefined && (days < 7 || days > 30)) {
    const message = "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).";
    throw secretsError("InvalidParameterException", message);
  }
  if (force) {
    // AWS answers as if a secret that is not there had been deleted now.
    const secret = lookUp(secrets, input.SecretId);
    if (secret) secrets.splice(secrets.indexOf(secret), 1);
    const named = secret ? identity(secret) : { ARN: arnOf(input.SecretId, region), Name: input.SecretId };
    return { ...named, DeletionDate: second };
  }
  const secret = findActive(secrets, input.SecretId);
  secret.deletionDate = second + (days ?? 30) * daySeconds;
  return { ...identity(secret), DeletionDate: secret.deletionDate };
}
