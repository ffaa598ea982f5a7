import { setTimeout as sleepFor } from "node:timers/promises";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  GetSecretValueCommand,
  InvalidRequestException,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  RestoreSecretCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import type { SecretStore, StoredSecret } from "../../provisioning/ports/integration-store.ts";
import { secretsFailure } from "../table/store-failure.ts";
import { isMissing, lookAgain, waitsMs } from "./late-copies.ts";
import { createSecretCache } from "./secret-cache.ts";

type SecretAccess = {
  client: SecretsManagerClient;
  /** Begins every secret's name; the one grant of the Lambdas covers it. */
  prefix: string;
  /** Days in which a deletion can be undone, 7 to 30. */
  recoveryDays?: number;
  now?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
};

/**
 * Secrets of integrations in Secrets Manager, `<prefix><integrationId>`, one version for each that was ever entered.
 * Versions are cached for five minutes by their id: what they hold never changes. Every error is a Failure
 * `store-unavailable`, and no part of a secret is in it.
 */
export const createSecretStore = ({
  client,
  prefix,
  recoveryDays = 7,
  now = Date.now,
  sleep = sleepFor,
}: SecretAccess): SecretStore => {
  const cache = createSecretCache<StoredSecret>(now);
  const nameOf = (integrationId: string): string => `${prefix}${integrationId}`;

  const describe = async (integrationId: string): Promise<DescribeSecretCommandOutput | undefined> => {
    const request = () => client.send(new DescribeSecretCommand({ SecretId: nameOf(integrationId) }));
    return await unless(request, (error) => error instanceof ResourceNotFoundException);
  };

  const hasVersion = async (integrationId: string, versionId: string): Promise<boolean> => {
    const secret = await describe(integrationId);
    return secret?.DeletedDate === undefined && secret?.VersionIdsToStages?.[versionId] !== undefined;
  };

  return {
    hasVersion,

    async create(integrationId, versionId, secret) {
      const Name = nameOf(integrationId);
      const SecretString = JSON.stringify(secret);
      const command = new CreateSecretCommand({ Name, ClientRequestToken: versionId, SecretString });
      const made = await unless(
        () => client.send(command),
        (error) => error instanceof ResourceExistsException,
      );
      const look = async () => (await hasVersion(integrationId, versionId)) || undefined;
      if (!made && !(await lookAgain(look, sleep)))
        throw secretsFailure(new Error(`${Name} exists and has no version ${versionId}`));
    },

    async put(integrationId, versionId, secret) {
      const SecretId = nameOf(integrationId);
      const version = { ClientRequestToken: versionId, SecretString: JSON.stringify(secret) };
      for (const waitMs of [...waitsMs, 0]) {
        let refusal: unknown;
        const put = () => client.send(new PutSecretValueCommand({ SecretId, ...version }));
        const isPut = await unless(put, (error) => {
          refusal = error;
          return isMissing(error);
        });
        if (isPut) return;
        const restore = () => client.send(new RestoreSecretCommand({ SecretId }));
        const create = () => client.send(new CreateSecretCommand({ Name: SecretId, ...version }));
        // Somebody may do the same by hand in between: then the next round sees it.
        const isKnown = (error: unknown) => error instanceof ResourceExistsException || isMissing(error);
        const isScheduled = !(refusal instanceof ResourceNotFoundException);
        if ((await unless(isScheduled ? restore : create, isKnown)) && !isScheduled) return;
        await sleep(waitMs);
      }
      throw secretsFailure(new Error(`${SecretId} could be neither made nor restored`));
    },

    async read(integrationId, versionId) {
      const key = `${integrationId} ${versionId}`;
      const cached = cache.get(key);
      if (cached) return cached;
      const input = { SecretId: nameOf(integrationId), VersionId: versionId };
      const get = () => unless(() => client.send(new GetSecretValueCommand(input)), isMissing);
      const output = await lookAgain(get, sleep);
      if (!output) return undefined;
      const secret = parseSecret(output.SecretString);
      cache.set(key, secret);
      return secret;
    },

    async scheduleDeletion(integrationId) {
      const input = { SecretId: nameOf(integrationId), RecoveryWindowInDays: recoveryDays };
      let refused: unknown;
      await unless(
        () => client.send(new DeleteSecretCommand(input)),
        (error) => {
          refused = error;
          return error instanceof ResourceNotFoundException || error instanceof InvalidRequestException;
        },
      );
      if (!(refused instanceof InvalidRequestException)) return;
      // The deletion may be refused because it is scheduled already: the description tells.
      const secret = await describe(integrationId);
      if (secret && secret.DeletedDate === undefined) throw secretsFailure(refused);
    },
  };
};

/** The answer, or undefined where it was refused in a way that `expected` knows; other errors become failures. */
const unless = async <T>(
  request: () => Promise<T>,
  expected: (error: unknown) => boolean,
): Promise<T | undefined> => {
  try {
    return await request();
  } catch (error) {
    if (expected(error)) return undefined;
    throw secretsFailure(error);
  }
};

const parseSecret = (text: string | undefined): StoredSecret => {
  try {
    return JSON.parse(text ?? "") as StoredSecret;
  } catch {
    // Without the parser's error as its cause, since its message quotes the text.
    throw secretsFailure(new Error("the secret is not JSON"));
  }
};
