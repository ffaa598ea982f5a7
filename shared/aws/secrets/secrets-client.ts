import { SecretsManagerClient, type SecretsManagerClientConfig } from "@aws-sdk/client-secrets-manager";

/**
 * The client of Secrets Manager. Region, credentials and `AWS_ENDPOINT_URL_SECRETS_MANAGER` are the SDK's to find;
 * tests pass their own. A request may be repeated inside, also after a lost reply.
 */
export const createSecretsClient = (config: SecretsManagerClientConfig = {}): SecretsManagerClient =>
  new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 1000,
      requestTimeout: 4000,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 16 },
      httpsAgent: { keepAlive: true, maxSockets: 16 },
    },
    ...config,
  });
