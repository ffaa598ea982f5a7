import {
  DecryptionFailure,
  type GetSecretValueCommand,
  InvalidRequestException,
  ResourceNotFoundException,
  SecretsManagerClient,
  SecretsManagerServiceException,
} from "@aws-sdk/client-secrets-manager";
import { expect, it } from "vitest";
import { createGivenSecrets } from "../../shared/aws/secrets/given-secrets.ts";

const prefix = "usher/usher/given/";
const $metadata = {};
const denied = new SecretsManagerServiceException({
  $metadata,
  name: "AccessDeniedException",
  message: "User is not authorized to perform: secretsmanager:GetSecretValue",
  $fault: "client",
});
const notFound = new ResourceNotFoundException({ $metadata, message: "Secrets Manager can't find it." });
const marked = new InvalidRequestException({ $metadata, message: "It was marked for deletion." });

/** A store whose Secrets Manager gives these answers, one by one, and what was asked for. */
const answering = (...answers: (Error | { SecretString?: string; SecretBinary?: Uint8Array })[]) => {
  const client = new SecretsManagerClient({ region: "us-east-1" });
  const asked: unknown[] = [];
  const waited: number[] = [];
  client.middlewareStack.add(
    () => async (args) => {
      asked.push((args.input as GetSecretValueCommand["input"]).SecretId);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return { response: undefined, output: { $metadata, ...answer } };
    },
    { step: "initialize", name: "testAnswer" },
  );
  const sleep = async (ms: number) => waited.push(ms);
  return { secrets: createGivenSecrets({ client, prefix, sleep }), asked, waited };
};

it("finds a secret that was made a moment ago, and may not be found yet", async () => {
  const { secrets, waited } = answering(notFound, notFound, { SecretString: "text" });
  expect(await secrets.read(`${prefix}one`)).toEqual({ text: "text" });
  expect(waited).toEqual([250, 750]);
});

it.each([
  ["was never made", notFound],
  ["is scheduled for deletion", marked],
])("says that a secret is not there that %s", async (_, error) => {
  const { secrets, asked } = answering(error, error, error);
  expect(await secrets.read(`${prefix}one`)).toBe("unknown");
  expect(asked).toHaveLength(3);
});

it.each([
  ["the role has no right", denied],
  ["its key cannot be used", new DecryptionFailure({ $metadata, message: "KMS" })],
  ["it holds bytes", { SecretBinary: new Uint8Array(1) }],
])("says that a secret cannot be read where %s", async (_, answer) => {
  expect(await answering(answer).secrets.read(`${prefix}one`)).toBe("unreadable");
});

it("takes nothing else for the secret's own fault", async () => {
  const { secrets } = answering(new Error("socket hang up"));
  await expect(secrets.read(`${prefix}one`)).rejects.toMatchObject({ code: "store-unavailable" });
});

const arn = (name: string) => `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${name}`;
it.each([
  "usher/usher/integrations/0190",
  arn("usher/usher/integrations/0190-AbCdEf"),
  arn("other-AbCdEf"),
  "usher/usher/given",
  "USHER/usher/given/one",
  `other/${prefix}one`,
  `arn:aws:secretsmanager:${prefix}one:111122223333:secret:other-AbCdEf`,
  `${arn("other")}:secret:${prefix}one`,
])("asks for no secret that is not below the prefix: %s", async (name) => {
  const { secrets, asked } = answering();
  expect(await secrets.read(name)).toBe("elsewhere");
  expect(asked).toEqual([]);
});

it("asks for the secret by the very ARN that was given", async () => {
  const { secrets, asked } = answering({ SecretString: "text" });
  await secrets.read(arn(`${prefix}one-AbCdEf`));
  expect(asked).toEqual([arn(`${prefix}one-AbCdEf`)]);
});
