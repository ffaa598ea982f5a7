import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  type ListSecretsCommandInput,
  PutSecretValueCommand,
  RestoreSecretCommand,
  type SecretsManagerClient,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { startEmbeddedSecrets } from "../../infra/local/secrets/embedded-secrets.ts";
import { dataFolder, givenProcess, givenSecrets, secretsClient } from "./steps.ts";

const name = "usher/integration/abc";
const dayMs = 24 * 60 * 60 * 1000;

async function create(client: SecretsManagerClient, SecretString = "first", Name = name): Promise<string> {
  const output = await client.send(new CreateSecretCommand({ Name, SecretString }));
  return output.VersionId ?? "";
}

async function putValue(
  client: SecretsManagerClient,
  SecretString: string,
  ClientRequestToken = randomUUID(),
) {
  await client.send(new PutSecretValueCommand({ SecretId: name, SecretString, ClientRequestToken }));
  return ClientRequestToken;
}

async function value(
  client: SecretsManagerClient,
  which: { VersionId?: string; VersionStage?: string } = {},
) {
  const output = await client.send(new GetSecretValueCommand({ SecretId: name, ...which }));
  return output.SecretString;
}

async function stages(client: SecretsManagerClient) {
  return (await client.send(new DescribeSecretCommand({ SecretId: name }))).VersionIdsToStages;
}

test("given a new secret, when it is read by name, ARN and partial ARN, then its value and current version come back", async () => {
  const { client } = await givenSecrets();
  const made = await client.send(new CreateSecretCommand({ Name: name, SecretString: "first" }));
  expect(made).toMatchObject({ Name: name, VersionId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  for (const SecretId of [name, made.ARN, made.ARN?.slice(0, -7)]) {
    expect(await client.send(new GetSecretValueCommand({ SecretId }))).toMatchObject({
      ARN: made.ARN,
      Name: name,
      SecretString: "first",
      VersionId: made.VersionId,
      VersionStages: ["AWSCURRENT"],
      CreatedDate: expect.any(Date),
    });
  }
});

test("given a binary secret, when it is read, then the same bytes come back", async () => {
  const { client } = await givenSecrets();
  const SecretBinary = Uint8Array.from([0, 255, 10, 128]);
  await client.send(new CreateSecretCommand({ Name: name, SecretBinary }));
  const output = await client.send(new GetSecretValueCommand({ SecretId: name }));
  expect([...(output.SecretBinary ?? [])]).toEqual([...SecretBinary]);
  expect(output.SecretString).toBeUndefined();
});

test("given a created secret, when it is created again, then only the same token and value succeed", async () => {
  const { client } = await givenSecrets();
  const create = (SecretString: string, ClientRequestToken: string) =>
    client.send(new CreateSecretCommand({ Name: name, SecretString, ClientRequestToken }));
  const token = randomUUID();
  const first = await create("first", token);
  const again = await create("first", token);
  expect([again.ARN, again.VersionId]).toEqual([first.ARN, token]);
  const exists = { name: "ResourceExistsException", $metadata: { httpStatusCode: 400 } };
  await expect(create("second", token)).rejects.toMatchObject(exists);
  await expect(create("first", randomUUID())).rejects.toMatchObject(exists);
  expect(await value(client)).toBe("first");
});

test("given new values, when they are put, then the stages move and older values stay readable", async () => {
  const { client } = await givenSecrets();
  const one = await create(client);
  const two = await putValue(client, "second");
  expect(await stages(client)).toEqual({ [one]: ["AWSPREVIOUS"], [two]: ["AWSCURRENT"] });
  const three = await putValue(client, "third");
  expect(await stages(client)).toEqual({ [two]: ["AWSPREVIOUS"], [three]: ["AWSCURRENT"] });
  expect(await value(client)).toBe("third");
  expect(await value(client, { VersionStage: "AWSPREVIOUS" })).toBe("second");
  expect(await value(client, { VersionId: one })).toBe("first");
  expect(await value(client, { VersionId: two, VersionStage: "AWSPREVIOUS" })).toBe("second");
  const missing = { name: "ResourceNotFoundException" };
  await expect(value(client, { VersionId: two, VersionStage: "AWSCURRENT" })).rejects.toMatchObject(missing);
  await expect(value(client, { VersionId: randomUUID() })).rejects.toMatchObject(missing);
});

test("given a put value, when the put is repeated, then nothing moves, and the token refuses another value", async () => {
  const { client } = await givenSecrets();
  await create(client);
  const two = await putValue(client, "second");
  const three = await putValue(client, "third");
  await putValue(client, "second", two);
  expect(await stages(client)).toEqual({ [two]: ["AWSPREVIOUS"], [three]: ["AWSCURRENT"] });
  await expect(putValue(client, "other", two)).rejects.toMatchObject({ name: "ResourceExistsException" });
});

test("given more than 100 versions, when another is put, then the oldest without a stage is dropped", async () => {
  const { client } = await givenSecrets();
  const one = await create(client);
  const two = await putValue(client, "second");
  for (let count = 3; count <= 100; count += 1) await putValue(client, `value ${count}`);
  expect(await value(client, { VersionId: one })).toBe("first");
  await putValue(client, "value 101");
  await expect(value(client, { VersionId: one })).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  expect(await value(client, { VersionId: two })).toBe("second");
});

test("given a pending version, when its stage is moved, then it becomes current only if the current one is named", async () => {
  const { client } = await givenSecrets();
  const one = await create(client);
  const two = randomUUID();
  await client.send(
    new PutSecretValueCommand({
      SecretId: name,
      SecretString: "second",
      ClientRequestToken: two,
      VersionStages: ["AWSPENDING"],
    }),
  );
  expect(await value(client)).toBe("first");
  const move = (to: { MoveToVersionId?: string; RemoveFromVersionId?: string }) =>
    client.send(new UpdateSecretVersionStageCommand({ SecretId: name, VersionStage: "AWSCURRENT", ...to }));
  const invalid = { name: "InvalidParameterException" };
  await expect(move({ MoveToVersionId: two })).rejects.toMatchObject(invalid);
  await expect(move({ RemoveFromVersionId: one })).rejects.toMatchObject(invalid);
  await expect(move({ MoveToVersionId: two, RemoveFromVersionId: two })).rejects.toMatchObject(invalid);
  await move({ MoveToVersionId: two, RemoveFromVersionId: one });
  expect(await stages(client)).toEqual({ [one]: ["AWSPREVIOUS"], [two]: ["AWSPENDING", "AWSCURRENT"] });
  await move({ MoveToVersionId: one, RemoveFromVersionId: two });
  expect(await stages(client)).toEqual({ [one]: ["AWSCURRENT"], [two]: ["AWSPENDING", "AWSPREVIOUS"] });
});

test("given a secret scheduled for deletion, when it is used, then it is refused until it is restored", async () => {
  const now = 1_800_000_000_000;
  const { client } = await givenSecrets({ now: () => now });
  await create(client);
  const gone = await client.send(new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: 7 }));
  expect(gone.DeletionDate).toEqual(new Date(now + 7 * dayMs));
  const invalid = { name: "InvalidRequestException", message: expect.stringContaining("deletion") };
  await expect(value(client)).rejects.toMatchObject(invalid);
  await expect(putValue(client, "second")).rejects.toMatchObject(invalid);
  await expect(create(client)).rejects.toMatchObject(invalid);
  await expect(client.send(new DeleteSecretCommand({ SecretId: name }))).rejects.toMatchObject(invalid);
  const described = await client.send(new DescribeSecretCommand({ SecretId: name }));
  expect(described.DeletedDate).toEqual(new Date(now + 7 * dayMs));
  await client.send(new RestoreSecretCommand({ SecretId: name }));
  expect(await value(client)).toBe("first");
  expect((await client.send(new DescribeSecretCommand({ SecretId: name }))).DeletedDate).toBeUndefined();
});

test("given a recovery window, when it has passed, then the secret is gone, also from the file, and its name free", async () => {
  const clock = { now: 1_800_000_000_000 };
  const first = await givenSecrets({ now: () => clock.now });
  await create(first.client);
  await first.client.send(new DeleteSecretCommand({ SecretId: name }));
  clock.now += 30 * dayMs - 1000;
  expect(await stages(first.client)).toBeDefined();
  clock.now += 1000;
  await expect(stages(first.client)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  await first.close();
  const full = statSync(join(first.dataDir, "secrets.enc")).size;
  const second = await givenSecrets({ dataDir: first.dataDir, now: () => clock.now });
  expect(statSync(join(first.dataDir, "secrets.enc")).size).toBeLessThan(full);
  await create(second.client, "again");
  expect(await value(second.client)).toBe("again");
});

test.each([
  { RecoveryWindowInDays: 6 },
  { RecoveryWindowInDays: 31 },
  { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true },
])(
  "given a secret, when its deletion asks for %o, then the parameters are refused and the secret stays",
  async (how) => {
    const { client } = await givenSecrets();
    await create(client);
    await expect(client.send(new DeleteSecretCommand({ SecretId: name, ...how }))).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    expect(await value(client)).toBe("first");
  },
);

test("given a secret, when it is deleted by force, then it is gone at once, and doing it again is no error", async () => {
  const { client } = await givenSecrets();
  await create(client);
  await client.send(new DeleteSecretCommand({ SecretId: name }));
  const force = new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true });
  expect((await client.send(force)).Name).toBe(name);
  await expect(stages(client)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  expect((await client.send(force)).Name).toBe(name);
});

test("given several secrets, when they are listed, then prefix, planned deletion and pages are respected", async () => {
  const { client } = await givenSecrets();
  for (const one of ["usher/b", "usher/a", "usher/c", "other/a", "__proto__"]) await create(client, "v", one);
  await client.send(new DeleteSecretCommand({ SecretId: "usher/c" }));
  const list = async (input: ListSecretsCommandInput) => {
    const output = await client.send(new ListSecretsCommand(input));
    return { names: output.SecretList?.map((secret) => secret.Name), next: output.NextToken };
  };
  const Filters = [{ Key: "name" as const, Values: ["usher/"] }];
  expect((await list({ Filters })).names).toEqual(["usher/a", "usher/b"]);
  expect((await list({ Filters, IncludePlannedDeletion: true })).names).toEqual([
    "usher/a",
    "usher/b",
    "usher/c",
  ]);
  const page = await list({ MaxResults: 3 });
  expect(page.names).toEqual(["__proto__", "other/a", "usher/a"]);
  expect(await list({ MaxResults: 3, NextToken: page.next ?? "" })).toEqual({
    names: ["usher/b"],
    next: undefined,
  });
});

test("given bad input, when it is sent, then the error names the parameter, not the value, and the endpoint goes on", async () => {
  const { client } = await givenSecrets();
  const bad = [
    new CreateSecretCommand({ Name: "with space", SecretString: "marked-value" }),
    new CreateSecretCommand({ Name: name }),
    new CreateSecretCommand({ Name: name, SecretString: "marked-value", SecretBinary: Uint8Array.of(1) }),
    new CreateSecretCommand({ Name: name, SecretString: `marked-value${"x".repeat(70_000)}` }),
    new CreateSecretCommand({ Name: name, SecretString: "marked-value", ClientRequestToken: "short" }),
  ];
  for (const command of bad) {
    const error = await client.send(command).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "InvalidParameterException" });
    expect(JSON.stringify(error) + String(error)).not.toContain("marked-value");
  }
  await expect(client.send(new UpdateSecretCommand({ SecretId: name }))).rejects.toMatchObject({
    name: "UnknownOperationException",
  });
  await expect(value(client)).rejects.toMatchObject({
    name: "ResourceNotFoundException",
    message: "Secrets Manager can't find the specified secret.",
    $metadata: { httpStatusCode: 400 },
  });
});

test("given ten creations at once, when the endpoint is started again, then all ten are there", async () => {
  const first = await givenSecrets();
  const names = Array.from({ length: 10 }, (_, index) => `usher/${index}`);
  await Promise.all(names.map((one) => create(first.client, `value of ${one}`, one)));
  await first.close();
  const second = await givenSecrets({ dataDir: first.dataDir });
  const values = names.map((SecretId) => second.client.send(new GetSecretValueCommand({ SecretId })));
  expect((await Promise.all(values)).map((output) => output.SecretString)).toEqual(
    names.map((one) => `value of ${one}`),
  );
});

test("given secrets past and present, when the data folder is searched, then no value is found and all is private", async () => {
  const { client, dataDir, close } = await givenSecrets();
  const values = ["marked-first-value", "marked-second-value"];
  await create(client, values[0]);
  await putValue(client, values[1] ?? "");
  await close();
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  expect(files.map((file) => file.name)).toEqual(expect.arrayContaining(["secrets.enc", "secrets.key"]));
  for (const file of files) {
    const content = readFileSync(join(file.parentPath, file.name));
    for (const one of values) {
      for (const form of [
        one,
        Buffer.from(one).toString("base64").slice(0, -4),
        Buffer.from(one).toString("hex"),
      ]) {
        expect(content.includes(form)).toBe(false);
      }
    }
  }
  if (process.platform === "win32") return;
  for (const file of ["secrets.enc", "secrets.key"])
    expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600);
});

test("given a secrets file that was changed, or whose key is not its own, when it is opened, then the start says so", async () => {
  const { client, dataDir, keys, close } = await givenSecrets();
  await create(client);
  await close();
  const start = () => startEmbeddedSecrets({ dataDir, keys });
  const path = join(dataDir, "secrets.enc");
  const intact = readFileSync(path);
  const changed = Buffer.from(intact);
  changed[40] = (changed[40] ?? 0) ^ 1;
  writeFileSync(path, changed);
  await expect(start()).rejects.toThrow("cannot be decrypted");
  writeFileSync(path, intact.subarray(0, 10));
  await expect(start()).rejects.toThrow("cannot be decrypted");
  writeFileSync(path, intact);
  renameSync(join(dataDir, "secrets.key"), join(dataDir, "kept.key"));
  await expect(start()).rejects.toThrow("secrets.key is missing");
  expect(existsSync(join(dataDir, "secrets.key"))).toBe(false);
  writeFileSync(join(dataDir, "secrets.key"), `${Buffer.alloc(32).toString("base64")}\n`);
  await expect(start()).rejects.toThrow("cannot be decrypted");
  rmSync(join(dataDir, "secrets.key"));
  renameSync(join(dataDir, "kept.key"), join(dataDir, "secrets.key"));
  const again = await start();
  await again.close();
});

test("given a data folder in use, when a second run opens its secrets, then it is told so", async () => {
  const { dataDir, keys } = await givenSecrets();
  await expect(startEmbeddedSecrets({ dataDir, keys })).rejects.toThrow(
    `data folder ${dataDir} is in use by another run`,
  );
});

test("given a writer at work, when the process is killed, then each acknowledged value is there and can be read", async () => {
  const dataDir = dataFolder();
  const acknowledged = new Map<string, string>();
  for (let round = 0; round < 3; round += 1) {
    const running = await givenProcess("secrets", dataDir);
    const client = secretsClient(running.url, running.keys);
    if (round === 0) await create(client);
    const goal = acknowledged.size + 10 + round * 3;
    const writing = (async () => {
      for (;;) {
        const text = `value ${acknowledged.size} of round ${round}`;
        acknowledged.set(await putValue(client, text), text);
      }
    })().catch(() => {});
    while (acknowledged.size < goal) await new Promise((resolve) => setTimeout(resolve, 1));
    await running.kill();
    await writing;
  }
  const { client } = await givenSecrets({ dataDir });
  for (const [VersionId, text] of acknowledged) expect(await value(client, { VersionId })).toBe(text);
});
