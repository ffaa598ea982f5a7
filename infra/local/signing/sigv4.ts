import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

// Own code instead of the SDK's signer: that one signs, and by design trusts an x-amz-content-sha256 header
// and leaves some headers out. The test suite holds this against two independent signers, SDK and AWS CLI.

/** What a request's `Authorization` header claims. Nothing of it is proven before `signatureMatches`. */
export type SignatureClaim = {
  accessKeyId: string;
  /** `YYYYMMDD` of the credential scope. */
  day: string;
  region: string;
  service: string;
  /** Lower-case names, in the header's order. */
  signedHeaders: string[];
  /** 64 hex digits. */
  signature: string;
  /** The `X-Amz-Date` header, `YYYYMMDDTHHMMSSZ`. */
  date: string;
};

const algorithm = "AWS4-HMAC-SHA256";
const authorizationForm =
  /^AWS4-HMAC-SHA256 +Credential=([^/\s,]+)\/(\d{8})\/([^/\s,]+)\/([^/\s,]+)\/aws4_request, *SignedHeaders=([a-z0-9;_-]+), *Signature=([0-9a-f]{64})$/;

/**
 * Reads the claim out of a request's headers.
 *
 * @returns the claim, or undefined when the request has no complete AWS Signature Version 4: it must be in
 *   the Authorization header, with an X-Amz-Date of the scope's day, and cover `host` and `x-amz-date`
 */
export function readSignatureClaim(headers: IncomingHttpHeaders): SignatureClaim | undefined {
  const [, accessKeyId, day, region, service, names, signature] =
    authorizationForm.exec(headers.authorization ?? "") ?? [];
  const date = headers["x-amz-date"];
  if (!accessKeyId || !day || !region || !service || !names || !signature) return undefined;
  if (typeof date !== "string" || !/^\d{8}T\d{6}Z$/.test(date) || !date.startsWith(day)) return undefined;
  const signedHeaders = names.split(";");
  if (!signedHeaders.includes("host") || !signedHeaders.includes("x-amz-date")) return undefined;
  return { accessKeyId, day, region, service, signedHeaders, signature, date };
}

/** The claim's date in epoch milliseconds; NaN when it is no date. */
export function claimTime(claim: SignatureClaim): number {
  return Date.parse(claim.date.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
}

/**
 * Computes the signature anew from the request and the secret key, and compares in constant time. The
 * request is a POST to `/` without a query, which is all that the JSON protocols use.
 */
export function signatureMatches(
  claim: SignatureClaim,
  secretAccessKey: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): boolean {
  const bodyHash = sha256(body);
  // A client may state the body's hash in a signed header; it must then be the body's.
  const stated = headers["x-amz-content-sha256"];
  if (stated !== undefined && stated !== bodyHash) return false;
  const canonicalHeaders = claim.signedHeaders.map((name) => `${name}:${canonicalValue(headers[name])}\n`);
  const canonicalRequest = [
    "POST",
    "/",
    "",
    canonicalHeaders.join(""),
    claim.signedHeaders.join(";"),
    bodyHash,
  ].join("\n");
  const scope = `${claim.day}/${claim.region}/${claim.service}/aws4_request`;
  const toSign = [algorithm, claim.date, scope, sha256(canonicalRequest)].join("\n");
  const key = signingKey(claim, secretAccessKey);
  return timingSafeEqual(hmac(key, toSign), Buffer.from(claim.signature, "hex"));
}

type Scope = Pick<SignatureClaim, "day" | "region" | "service">;

/** Derived once for a day: the last one is kept, since a run has one client, region and secret. */
let last: { of: string; key: KeyObject } | undefined;
function signingKey({ day, region, service }: Scope, secretAccessKey: string): KeyObject {
  const of = [secretAccessKey, day, region, service].join("/");
  if (last?.of !== of) {
    const parts = [day, region, service, "aws4_request"];
    const key = parts.reduce<string | Buffer>(
      (derived, part) => hmac(derived, part),
      `AWS4${secretAccessKey}`,
    );
    last = { of, key: createSecretKey(Buffer.from(key)) };
  }
  return last.key;
}

function canonicalValue(value: string | string[] | undefined): string {
  const text = Array.isArray(value) ? value.join(",") : (value ?? "");
  return text.trim().replace(/ +/g, " ");
}

function sha256(data: string | Buffer): string {
  return hash("sha256", data);
}

function hmac(key: string | Buffer | KeyObject, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}
