import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  InvalidRequestException,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmbeddedSecrets } from "../../infra/local/secrets/embedded-secrets.ts";
import { createIdempotencyKeyReader } from "../../shared/aws/idempotency-key.ts";
import { createSecretStore } from "../../shared/aws/secrets/secret-store.ts";
import { createSecretsClient } from "../../shared/aws/secrets/secrets-client.ts";
import { newId } from "./samples.ts";
import { secretOf, secretStoreContract } from "./secret-store-contract.ts";

const prefix = "usher/test/";

describe("secret store", () => {
  const credentials = { accessKeyId: "LOCLTEST", secretAccessKey: "test-secret-access-key" };
  let dataDir: string;
  let endpoint: Awaited<ReturnType<typeof startEmbeddedSecrets>>;
  let client: SecretsManagerClient;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "usher-secrets-"));
    endpoint = await startEmbeddedSecrets({ dataDir, keys: { ...credentials, region: "us-east-1" } });
    client = createSecretsClient({ endpoint: endpoint.url, region: "us-east-1", credentials });
  });
  afterAll(async () => {
    client.destroy();
    await endpoint.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** A client that counts what it sends. */
  const counting = () => {
    let reads = 0;
    const counted = createSecretsClient({ endpoint: endpoint.url, region: "us-east-1", credentials });
    counted.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === "GetSecretValueCommand") reads += 1;
          return next(args);
        },
      { step: "initialize", name: "testCount" },
    );
    return { client: counted, reads: () => reads };
  };

  /** A client whose first requests of these commands are answered with these errors, and not sent. */
  const refusing = (refusals: Record<string, Error[]>) => {
    const sent: string[] = [];
    const refused = createSecretsClient({ endpoint: endpoint.url, region: "us-east-1", credentials });
    refused.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          sent.push(String(commandName).replace("Command", ""));
          const refusal = refusals[String(sent.at(-1))]?.shift();
          return refusal ? Promise.reject(refusal) : next(args);
        },
      { step: "initialize", name: "testRefuse" },
    );
    return { client: refused, sent };
  };
  const $metadata = {};
  const notFound = () =>
    new ResourceNotFoundException({
      $metadata,
      message: "Secrets Manager can't find the specified secret value for VersionId: …",
    });
  const marked = () =>
    new InvalidRequestException({
      $metadata,
      message: "You can't perform this operation on the secret because it was marked for deletion.",
    });
  const otherwiseInvalid = () =>
    new InvalidRequestException({ $metadata, message: "The secret is managed by another service." });

  secretStoreContract(async () => createSecretStore({ client, prefix, sleep: async () => undefined }));

  it.each([
    ["not found once", [notFound()], [250]],
    ["not found twice", [notFound(), notFound()], [250, 750]],
    ["seen as marked for deletion after it was restored", [marked()], [250]],
  ])("hides that a version which was just written is %s", async (_, refusals, waits) => {
    const [id, version, waited] = [newId("int"), randomUUID(), [] as number[]];
    await createSecretStore({ client, prefix }).create(id, version, secretOf("one"));
    const { client: refused, sent } = refusing({ GetSecretValue: refusals });
    const sleep = async (ms: number) => waited.push(ms);
    const secrets = createSecretStore({ client: refused, prefix, sleep });
    expect(await secrets.read(id, version)).toEqual(secretOf("one"));
    expect(waited).toEqual(waits);
    expect(sent).toHaveLength(waits.length + 1);
  });

  it("looks three times over a second before a version counts as gone", async () => {
    const waited: number[] = [];
    const { client: counted, reads } = counting();
    const sleep = async (ms: number) => waited.push(ms);
    const secrets = createSecretStore({ client: counted, prefix, sleep });
    expect(await secrets.read(newId("int"), randomUUID())).toBeUndefined();
    expect([waited, reads()]).toEqual([[250, 750], 3]);
  });

  it("takes no other refusal for a secret that is gone", async () => {
    const [id, version] = [newId("int"), randomUUID()];
    const { client: refused, sent } = refusing({
      GetSecretValue: [otherwiseInvalid()],
      PutSecretValue: [otherwiseInvalid()],
    });
    const secrets = createSecretStore({ client: refused, prefix });
    const unavailable = { code: "store-unavailable", extras: { retryAfterSeconds: expect.any(Number) } };
    await expect(secrets.read(id, version)).rejects.toMatchObject(unavailable);
    await expect(secrets.put(id, version, secretOf("one"))).rejects.toMatchObject(unavailable);
    expect(sent).toEqual(["GetSecretValue", "PutSecretValue"]);
  });

  it("puts a version where somebody makes the secret in the same moment", async () => {
    const [id, first, second] = [newId("int"), randomUUID(), randomUUID()];
    await createSecretStore({ client, prefix }).create(id, first, secretOf("one"));
    const exists = new ResourceExistsException({ $metadata, message: "It exists." });
    const { client: refused, sent } = refusing({ PutSecretValue: [notFound()], CreateSecret: [exists] });
    const secrets = createSecretStore({ client: refused, prefix, sleep: async () => undefined });
    await secrets.put(id, second, secretOf("two"));
    expect(sent).toEqual(["PutSecretValue", "CreateSecret", "PutSecretValue"]);
    expect(await secrets.read(id, second)).toEqual(secretOf("two"));
  });

  it("does not say that a version is put where the secret can be neither made nor restored", async () => {
    const three = (error: () => Error) => [error(), error(), error()];
    const { client: refused } = refusing({ PutSecretValue: three(marked), RestoreSecret: three(notFound) });
    const secrets = createSecretStore({ client: refused, prefix, sleep: async () => undefined });
    await expect(secrets.put(newId("int"), randomUUID(), secretOf("one"))).rejects.toMatchObject({
      code: "store-unavailable",
    });
  });

  it("tells that a deletion was refused, unless the secret is scheduled for it", async () => {
    const [id, version] = [newId("int"), randomUUID()];
    await createSecretStore({ client, prefix }).create(id, version, secretOf("one"));
    const { client: refused, sent } = refusing({ DeleteSecret: [otherwiseInvalid()] });
    const secrets = createSecretStore({ client: refused, prefix });
    await expect(secrets.scheduleDeletion(id)).rejects.toMatchObject({ code: "store-unavailable" });
    expect(sent).toEqual(["DeleteSecret", "DescribeSecret"]);
    expect(await secrets.hasVersion(id, version)).toBe(true);
    await secrets.scheduleDeletion(id);
    await secrets.scheduleDeletion(id);
    expect(await secrets.hasVersion(id, version)).toBe(false);
  });

  it("names secrets by prefix and integration and keeps a window of 7 days for recovery", async () => {
    const id = newId("int");
    const secrets = createSecretStore({ client, prefix });
    await secrets.create(id, randomUUID(), secretOf("one"));
    await secrets.scheduleDeletion(id);
    const { DeletedDate } = await client.send(new DescribeSecretCommand({ SecretId: `${prefix}${id}` }));
    const days = ((DeletedDate?.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.9);
    expect(days).toBeLessThan(7.1);
  });

  it("reads a version once in five minutes, and remembers a hundred", async () => {
    let clock = 0;
    const { client: counted, reads } = counting();
    const secrets = createSecretStore({ client: counted, prefix, now: () => clock });
    const [id, version] = [newId("int"), randomUUID()];
    await secrets.create(id, version, secretOf("one"));
    for (const at of [0, 1, 299_999, 300_000, 300_001]) {
      clock = at;
      expect(await secrets.read(id, version)).toEqual(secretOf("one"));
    }
    expect(reads()).toBe(2);
    for (let at = 0; at < 100; at += 1) {
      const other = newId("int");
      await secrets.create(other, version, secretOf("other"));
      await secrets.read(other, version);
    }
    await secrets.read(id, version);
    expect(reads()).toBe(103);
  });

  it("shows nothing of a secret in its errors, causes included", async () => {
    const secrets = createSecretStore({ client, prefix });
    const id = newId("int");
    const version = randomUUID();
    const Name = `${prefix}${id}`;
    await client.send(
      new CreateSecretCommand({ Name, ClientRequestToken: version, SecretString: "MARKED-not-json" }),
    );
    const unavailable = createSecretStore({
      client: createSecretsClient({
        endpoint: "http://127.0.0.1:9",
        region: "us-east-1",
        credentials,
        maxAttempts: 1,
      }),
      prefix,
    });
    const { client: refused } = refusing({ PutSecretValue: [otherwiseInvalid()] });
    const calls = [
      () => secrets.read(id, version),
      () => secrets.create(id, randomUUID(), secretOf("MARKED")),
      () => createSecretStore({ client: refused, prefix }).put(id, version, secretOf("MARKED")),
      () => unavailable.create(id, version, secretOf("MARKED")),
      () => unavailable.put(id, version, secretOf("MARKED")),
    ];
    expect.assertions(2 * calls.length);
    for (const call of calls) {
      const error = await call().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "store-unavailable" });
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("MARKED");
    }
  });

  it("reads the key of idempotency hashes once, and again after a failure", async () => {
    const secretId = `${prefix}${newId("key")}`;
    const { client: counted, reads } = counting();
    const readKey = createIdempotencyKeyReader({ client: counted, secretId });
    await expect(readKey()).rejects.toMatchObject({ code: "store-unavailable" });
    await client.send(new CreateSecretCommand({ Name: secretId, SecretString: "the key" }));
    expect([await readKey(), await readKey()]).toEqual(["the key", "the key"]);
    expect(reads()).toBe(2);
  });
});
