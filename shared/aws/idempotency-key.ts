import { createHmac } from "node:crypto";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { readSecretText } from "./secret-text.ts";

/**
 * The deployment's key for hashes of bodies, read once and kept for the life of the process: with another key, bodies
 * that came before would look changed. Throws Failure `store-unavailable`; the next call then tries again.
 */
export const createIdempotencyKeyReader = ({
  client,
  secretId,
}: {
  client: SecretsManagerClient;
  secretId: string;
}): (() => Promise<string>) => {
  let kept: string | undefined;
  return async () => {
    kept ??= await readSecretText(client, secretId);
    return kept;
  };
};

/** The hash is all that is kept of a body. Without the key nobody can try out which secret the body held. */
export const hashBody = (key: string, text: string): string =>
  createHmac("sha256", key).update(text).digest("base64url");
