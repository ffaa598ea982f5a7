import type { Credentials, CredentialsInput } from "../model/credentials.ts";
import { Failure } from "../model/failure.ts";
import { completeCredentials } from "../model/given-secret.ts";
import type { Ports } from "../provisioning/ports/ports.ts";

/**
 * The credentials of a call, with the secret that an operator has put where `secretArn` says. It is read once, and kept as
 * the integration's own by whoever asks. Nothing has been sent anywhere by then.
 * @returns Failure `invalid-input`, with no part of the secret
 * @throws Failure `store-unavailable`
 */
export const enterCredentials = async (
  { givenSecrets }: Ports,
  credentials: CredentialsInput,
  baseUrl: string,
): Promise<Credentials | Failure> => {
  const { secretArn, clientSecret } = credentials;
  if (secretArn === undefined || clientSecret !== undefined) return credentials as Credentials;
  const { prefix } = givenSecrets;
  const read = await givenSecrets.read(secretArn);
  const shown = shownName(secretArn, prefix);
  if (typeof read === "string") return refused(shown, reasons(prefix)[read]);
  const completed = completeCredentials(credentials, read.text, baseUrl);
  return "reason" in completed ? refused(shown, completed.reason) : completed.credentials;
};

/** What is neither below the prefix nor an ARN may be the secret itself, put into the wrong field: it is not repeated. */
const shownName = (secretArn: string, prefix: string): string =>
  secretArn.startsWith(prefix) || /^arn:[a-z-]+:secretsmanager:/.test(secretArn)
    ? secretArn
    : "(name withheld)";

const reasons = (prefix: string) => ({
  elsewhere: `is not below ${prefix}: only secrets that were made there can be given`,
  unknown: "is not there: make it first, in the account and region of this stack",
  unreadable:
    "cannot be read: it must hold text, be encrypted with the key aws/secretsmanager, and have no policy that denies it",
});

const refused = (name: string, reason: string): Failure =>
  new Failure("invalid-input", `The secret ${name} ${reason}. Nothing was sent.`, {
    errors: [{ path: "credentials.secretArn", message: reason }],
  });
