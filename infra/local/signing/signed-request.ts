import type { IncomingMessage } from "node:http";
import { AwsError } from "./aws-error.ts";
import type { RunKeys } from "./run-keys.ts";
import { claimTime, readSignatureClaim, type SignatureClaim, signatureMatches } from "./sigv4.ts";

const maxSkewMs = 15 * 60 * 1000;

/** What a request is held against; see SignedEndpointOptions. */
type RequestRules = {
  service: string;
  keys: Pick<RunKeys, "accessKeyId" | "secretAccessKey">;
  maxBodyBytes: number;
  now: () => number;
};

/**
 * Reads a request to its end and proves its signature.
 *
 * @returns the X-Amz-Target header and the body's JSON object
 * @throws AwsError 403, 404, 405, 413 or 400, for whatever is not such a request
 */
export async function readSignedRequest(
  request: IncomingMessage,
  rules: RequestRules,
): Promise<{ target: string; input: Record<string, unknown> }> {
  const claim = checkHead(request, rules);
  const body = await readBody(request, rules.maxBodyBytes);
  if (body === undefined) throw failure(413, "RequestEntityTooLarge", "The request body is too large.");
  if (!signatureMatches(claim, rules.keys.secretAccessKey, request.headers, body)) {
    throw failure(403, "InvalidSignatureException", "The signature does not match the request and its keys.");
  }
  const input = parseObject(body);
  if (!input) throw failure(400, "SerializationException", "The request body is not a JSON object.");
  return { target: String(request.headers["x-amz-target"] ?? ""), input };
}

/** All that can be judged before a byte of the body is read, so that a stranger cannot fill the memory. */
function checkHead(request: IncomingMessage, rules: RequestRules): SignatureClaim {
  const port = request.socket.localPort;
  const host = request.headers.host;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    throw failure(403, "AccessDeniedException", "The Host header must name this loopback endpoint.");
  }
  if (request.method !== "POST") throw failure(405, "UnknownOperationException", "Only POST is served.");
  if (request.url !== "/") throw failure(404, "UnknownOperationException", "Only the path / is served.");
  const claim = readSignatureClaim(request.headers);
  if (!claim || claim.accessKeyId !== rules.keys.accessKeyId) {
    throw failure(
      403,
      "UnrecognizedClientException",
      "The request is not signed with this run's access keys.",
    );
  }
  if (claim.service !== rules.service) {
    const message = `Credential should be scoped to correct service: '${rules.service}'.`;
    throw failure(403, "InvalidSignatureException", message);
  }
  // Written so that NaN, no date at all, is refused as well.
  if (!(Math.abs(rules.now() - claimTime(claim)) <= maxSkewMs)) {
    throw failure(403, "InvalidSignatureException", `Signature expired or not yet valid: ${claim.date}.`);
  }
  return claim;
}

async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > limit) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  // Plain events: an async iterator would destroy the socket on an early return, and the answer with it.
  return new Promise((resolve) => {
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else resolve(undefined);
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("close", () => resolve(undefined));
  });
}

function parseObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** An error of the endpoint itself, before any operation. */
export function failure(status: number, type: string, message: string): AwsError {
  return new AwsError(status, { __type: `com.amazon.coral.service#${type}`, message });
}
