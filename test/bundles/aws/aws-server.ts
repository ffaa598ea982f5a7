import { randomUUID } from "node:crypto";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { AwsError } from "../../../infra/local/signing/aws-error.ts";
import type { Certificate } from "../network/certificate.ts";
import { region } from "../stack/values.ts";
import type { Authority } from "./authority.ts";
import { type Signed, signerOf } from "./verify.ts";

/** One service of AWS. `respond` decides with the authority and carries out; an AwsError becomes the answer. */
export type Service = {
  name: string;
  /** Whose addresses are signed themselves; the principal is then an empty text. */
  isPresigned?: true;
  respond(principal: string, request: Signed): Promise<{ type: string; body: string }>;
};

/**
 * What happens to a request in place of an answer: nothing ever, an error before it is carried out, or one after. As service
 * providers of tests have it.
 */
export type AwsInterception = undefined | "hang" | "refuse" | "lose-reply";

export type AwsServer = {
  port: number;
  /** Asked of each request of a principal, with its operation, e.g. `PutItem`. */
  intercept?: ((principal: string, operation: string, body: string) => AwsInterception) | undefined;
  /** As load balancers do it while a Lambda stands still. */
  dropIdleConnections(): void;
  close(): void;
};

/**
 * The services of AWS in one region, over TLS and under their own names, so that bundles find them as they do on AWS: no
 * endpoint is set. Each request must be signed by a principal that the authority knows. `onFault` is told of what a service
 * threw that is no answer of AWS: a fault of the test, or something that it does not know.
 */
export const startAwsServer = async (
  { key, cert }: Certificate,
  authority: Authority,
  { services, onFault }: { services: readonly Service[]; onFault(error: unknown): void },
): Promise<AwsServer> => {
  const answer = async (request: Signed): Promise<{ status: number; type: string; body: string }> => {
    const [name = ""] = (request.headers.host ?? "").split(".");
    const service = services.find((one) => one.name === name);
    const json = "application/x-amz-json-1.0";
    const error = (status: number, body: object) => ({ status, type: json, body: JSON.stringify(body) });
    if (!service) {
      onFault(new Error(`a bundle called ${request.headers.host}, which is not served here`));
      return error(404, { __type: "UnknownService" });
    }
    const accessKeyId = await signerOf(request, { region, service: name, keysOf: authority.keysById });
    const principal = service.isPresigned ? "" : accessKeyId && authority.principalOf(accessKeyId);
    if (principal === undefined)
      return error(403, { __type: "UnrecognizedClientException", message: "signature" });
    const operation = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
    const interception = aws.intercept?.(principal, operation, request.body.toString());
    if (interception === "hang") await new Promise(() => undefined);
    const broken = error(500, { __type: "InternalServerError" });
    if (interception === "refuse") return broken;
    try {
      const carriedOut = await service.respond(principal, request);
      return interception === "lose-reply" ? broken : { status: 200, ...carriedOut };
    } catch (thrown) {
      if (thrown instanceof AwsError) return error(thrown.status, thrown.body);
      onFault(thrown);
      return error(500, { __type: "InternalServerError" });
    }
  };
  const server = createServer({ key, cert }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const url = `https://${headers.host}${request.url}`;
    const signed = { method: request.method ?? "", url, headers, body: Buffer.concat(chunks) };
    const { status, type, body } = await answer(signed);
    response.writeHead(status, { "content-type": type, "x-amzn-requestid": randomUUID() });
    response.end(body);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const aws: AwsServer = {
    port: (server.address() as AddressInfo).port,
    dropIdleConnections: () => server.closeIdleConnections(),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return aws;
};

/** The error of a principal who may not. */
export const accessDenied = (principal: string, action: string, resource: string): AwsError =>
  new AwsError(400, {
    __type: "com.amazon.coral.service#AccessDeniedException",
    message: `User: ${principal} is not authorized to perform: ${action} on resource: ${resource}`,
  });

/** A service of one of AWS's JSON protocols: the operation is in X-Amz-Target. */
export const jsonService = (
  name: string,
  type: string,
  carryOut: (principal: string, operation: string, input: Record<string, unknown>) => Promise<object>,
): Service => ({
  name,
  async respond(principal, { headers, body }) {
    const operation = headers["x-amz-target"]?.split(".").at(-1) ?? "";
    return { type, body: JSON.stringify(await carryOut(principal, operation, JSON.parse(body.toString()))) };
  },
});
