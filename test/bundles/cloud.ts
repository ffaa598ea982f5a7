import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AwsKeys } from "../../infra/smoke/sign.ts";
import { concurrently } from "../../shared/common/concurrently.ts";
import { type Authority, createAuthority } from "./aws/authority.ts";
import { type AwsServer, startAwsServer } from "./aws/aws-server.ts";
import { type CloudFormation, openCloudFormation } from "./aws/cloudformation.ts";
import { type MessageQueue, type Notification, openQueues, openTopics } from "./aws/messages.ts";
import { openStores, type Stores } from "./aws/stores.ts";
import { deployLambdas } from "./deploy-lambdas.ts";
import { queueSource, type Source, streamSource } from "./events/sources.ts";
import type { Issuer } from "./gateway/authorize.ts";
import { startGateway } from "./gateway/gateway.ts";
import { makeCertificate } from "./network/certificate.ts";
import type { Network } from "./network/network.ts";
import { startTlsFront } from "./network/tls-front.ts";
import { writeScripts } from "./runtime/environment.ts";
import { startLambdaService } from "./runtime/lambda.ts";
import type { Outcome } from "./runtime/runtime-api.ts";
import { type CustomResource, type Deployed, readDeployed } from "./stack/deployed.ts";
import { lambdaNamed, nameOf } from "./stack/lambda-names.ts";
import { type Assembly, synthesize } from "./stack/synthesize.ts";
import { account, region } from "./stack/values.ts";

export type Cloud = {
  stack: Deployed;
  assembly: Assembly;
  /** The address of the API. */
  url: string;
  authority: Authority;
  stores: Stores;
  /** The services of AWS, whose answers can be held back. */
  aws: AwsServer;
  queues: MessageQueue[];
  published: Notification[];
  /** All that Lambdas wrote. */
  output: string[];
  /** What went wrong in the cloud itself, or was asked of it and is not there. */
  faults: unknown[];
  /** Keys of somebody who has one of the stack's policies, by the start of its id. */
  callerWith(policy: string): { keys: AwsKeys; arn: string };
  /** The front of a stack; its address. */
  openGateway(stack: Pick<Deployed, "routes" | "lambdas">, issuer?: Issuer): Promise<string>;
  /** Asks the Lambda of a custom resource, as a further deploy does. */
  askResource(resource: CustomResource, request?: object): ReturnType<CloudFormation["ask"]>;
  /** Runs the Lambda of a name without a route, e.g. of the schedule. */
  invoke(name: string, event: unknown): Promise<Outcome>;
  /** Starts a process of each Lambda, side by side; what is published later is not known to them. */
  warm(): Promise<void>;
  /** Ends all processes of a Lambda, whatever they do. */
  kill(name: string): void;
  /** All that a schedule wakes, once. */
  runSchedules(): Promise<{ name: string; outcome: Outcome }[]>;
  /** Until streams and queues are empty and nobody works. */
  settle(): Promise<void>;
  /** Puts a provider on loopback under the public name `host`. */
  publish(host: string, inner: string): Promise<void>;
  close(): Promise<void>;
};

/** The name and the address of a service provider on the internet, and of a name that leads inside. */
export const providerHost = "scim.example.com";
export const insideHost = "intranet.example.com";

/** Synthesizes the app and runs its Lambdas, its stores and its API on this machine, with IAM. */
export const startCloud = async (): Promise<Cloud> => {
  const folder = mkdtempSync(join(tmpdir(), "usher-cloud-"));
  const closers: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async () => {
    for (const undo of closers.splice(0).reverse()) await undo();
  };
  try {
    return { ...(await open(folder, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
};

/** What it opens is closed by `closers`. */
const open = async (folder: string, closers: (() => unknown)[]): Promise<Omit<Cloud, "close">> => {
  const faults: unknown[] = [];
  const onFault = (error: unknown) => void faults.push(error);
  const assembly = await synthesize(join(folder, "out"));
  const stack = readDeployed(assembly);
  const callers = new Map<string, string>();
  const authority = createAuthority(
    (principal) => stack.roles.get(principal) ?? stack.policies.get(callers.get(principal) ?? ""),
  );

  const awsHosts = `*.${region}.amazonaws.com`;
  const certificate = await makeCertificate(folder, [awsHosts, providerHost]);
  const stores = await openStores(join(folder, "data"), stack, authority);
  closers.push(() => stores.close());
  const { service: sqs, queues } = openQueues(stack, authority);
  const { service: sns, published } = openTopics(authority);
  const cloudFormation = openCloudFormation(stack, authority);
  const services = [...stores.services, ...cloudFormation.services, sqs, sns];
  const aws = await startAwsServer(certificate, authority, { services, onFault });
  closers.push(() => aws.close());

  const network: Network = {
    [awsHosts]: { address: "52.94.133.131", port: aws.port },
    [providerHost]: { address: "93.184.215.14" },
    [insideHost]: { address: "10.0.0.7" },
  };
  const output: string[] = [];
  const service = startLambdaService({
    scripts: writeScripts(folder),
    network,
    caPath: certificate.caPath,
    onOutput: (text) => output.push(text),
  });
  closers.push(() => service.close());
  const lambdaOf = deployLambdas(stack.lambdas, { service, authority });

  const sources = stack.mappings.map((mapping): Source => {
    const roleArn = stack.lambdas.find(({ arn }) => arn === mapping.lambda)?.roleArn ?? "";
    const tools = {
      lambda: lambdaOf(mapping.lambda),
      roleArn,
      authority,
      queues,
      onFault,
    };
    const stream = stores.streams.get(mapping.source);
    if (stream) return streamSource(mapping, stream, tools);
    const queue = queues.find(({ arn }) => arn === mapping.source);
    if (!queue) throw new Error(`no event source ${mapping.source}`);
    return queueSource(mapping, queue, { ...tools, ...deadLettersOf(stack, queues, mapping.source) });
  });
  for (const source of sources) source.start();
  const askResource: Cloud["askResource"] = (resource, request = {}) =>
    cloudFormation.ask(resource, request, (arn, event) => lambdaOf(arn).invoke(event));
  for (const resource of stack.customResources) {
    const { Status, Reason } = (await askResource(resource)) ?? {};
    if (Status !== "SUCCESS")
      throw new Error(`the deploy failed at ${resource.id}: ${Reason ?? "no answer"}`);
  }

  const openGateway: Cloud["openGateway"] = async ({ routes, lambdas }, issuer) => {
    const ofRoutes = lambdas === stack.lambdas ? lambdaOf : deployLambdas(lambdas, { service, authority });
    const gateway = await startGateway({
      routes,
      apiId: stack.api.id,
      lambdaOf: ofRoutes,
      authority,
      ...(issuer && { issuer }),
    });
    closers.push(() => gateway.close());
    return gateway.url;
  };
  const invoke = (name: string, event: unknown): Promise<Outcome> =>
    lambdaOf(lambdaNamed(stack, name).arn).invoke(event);

  return {
    stack,
    assembly,
    url: await openGateway(stack),
    authority,
    stores,
    aws,
    queues,
    published,
    output,
    faults,
    callerWith(start) {
      const policy = [...stack.policies.keys()].find((id) => id.startsWith(start));
      if (policy === undefined) throw new Error(`the stack has no policy ${start}`);
      const arn = `arn:aws:iam::${account}:user/${start}`;
      callers.set(arn, policy);
      return { keys: authority.keysOf(arn), arn };
    },
    openGateway,
    askResource,
    invoke,
    warm: async () => void (await concurrently(stack.lambdas, 4, ({ arn }) => lambdaOf(arn).warm())),
    kill: (name) => service.kill(lambdaNamed(stack, name).name),
    runSchedules: () =>
      concurrently(stack.schedules, 1, async ({ lambda }) => {
        const event = {
          version: "0",
          source: "aws.events",
          "detail-type": "Scheduled Event",
          detail: {},
          region,
        };
        return { name: nameOf(stack, lambda), outcome: await lambdaOf(lambda).invoke(event) };
      }),
    async settle() {
      // Idle three times in a row: what one writes at its end may wake another.
      for (let idle = 0; idle < 3; idle = sources.every((one) => one.isIdle()) ? idle + 1 : 0)
        await sleep(20);
    },
    async publish(host, inner) {
      const front = await startTlsFront(certificate, inner);
      closers.push(() => front.close());
      const known = network[host];
      if (!known) throw new Error(`${host} has no address here`);
      known.port = front.port;
    },
  };
};

const deadLettersOf = (stack: Deployed, queues: MessageQueue[], arn: string) => {
  const policy = stack.queues.find((queue) => queue.arn === arn)?.properties.RedrivePolicy as
    | { deadLetterTargetArn: string; maxReceiveCount: number }
    | undefined;
  const queue = queues.find((one) => one.arn === policy?.deadLetterTargetArn);
  return queue && policy ? { deadLetters: { queue, after: Number(policy.maxReceiveCount) } } : {};
};
