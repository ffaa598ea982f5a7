import { setTimeout as sleepFor } from "node:timers/promises";
import {
  DecryptionFailure,
  GetSecretValueCommand,
  InvalidParameterException,
  InvalidRequestException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import type { GivenSecrets } from "../../provisioning/ports/given-secrets.ts";
import { secretsFailure } from "../table/store-failure.ts";
import { isMissing, lookAgain } from "./late-copies.ts";

type Access = { client: SecretsManagerClient; prefix: string; sleep?: (ms: number) => Promise<unknown> };

/**
 * Secrets below `prefix`, by ARN or name. The grant of the Lambdas covers the prefix and nothing else; that it is looked at
 * here too tells a caller why, and holds on one machine, where there are no grants.
 */
export const createGivenSecrets = ({ client, prefix, sleep = sleepFor }: Access): GivenSecrets => ({
  prefix,
  async read(arnOrName) {
    if (!nameIn(arnOrName).startsWith(prefix)) return "elsewhere";
    const get = async () => {
      try {
        const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arnOrName }));
        return SecretString === undefined ? "unreadable" : { text: SecretString };
      } catch (error) {
        if (isMissing(error) || error instanceof InvalidParameterException) return undefined;
        if (isRefused(error)) return "unreadable";
        throw secretsFailure(error);
      }
    };
    return (await lookAgain(get, sleep)) ?? "unknown";
  },
});

const nameIn = (arnOrName: string): string =>
  /^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:(.*)$/.exec(arnOrName)?.[1] ?? arnOrName;

/** No right to the secret or to the key that it is encrypted with. */
const isRefused = (error: unknown): boolean =>
  error instanceof DecryptionFailure ||
  error instanceof InvalidRequestException ||
  (error instanceof Error && error.name === "AccessDeniedException");
