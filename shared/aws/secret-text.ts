import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { secretsFailure } from "./table/store-failure.ts";

/** The text of a secret as it is now. @throws Failure `store-unavailable` */
export const readSecretText = async (client: SecretsManagerClient, secretId: string): Promise<string> => {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    if (!SecretString) throw new Error(`${secretId} holds no text`);
    return SecretString;
  } catch (error) {
    throw secretsFailure(error);
  }
};
