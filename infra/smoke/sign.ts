import { Hash } from "@smithy/core/serde";
import { SignatureV4 } from "@smithy/signature-v4";

export type AwsKeys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined };
export type SignedRequest = {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string | Uint8Array | undefined;
};

/**
 * The headers of a request with its Signature Version 4; `host` is signed too.
 *
 * @param date of the signature, else now
 */
export const sign = async (
  { method, url, headers, body }: SignedRequest,
  {
    keys,
    region,
    service,
    date = new Date(),
  }: { keys: AwsKeys; region: string; service: string; date?: Date },
): Promise<Record<string, string>> => {
  const { protocol, hostname, host, pathname, search } = new URL(url);
  const credentials = {
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey,
    ...(keys.sessionToken && { sessionToken: keys.sessionToken }),
  };
  const signer = new SignatureV4({
    credentials,
    region,
    service,
    sha256: Hash.bind(null, "sha256"),
    applyChecksum: false,
  });
  const request = { method, protocol, hostname, path: pathname, query: queryOf(search) };
  const signed = await signer.sign(
    { ...request, headers: { ...headers, host }, ...(body === undefined ? {} : { body }) },
    { signingDate: date },
  );
  return signed.headers;
};

const queryOf = (search: string): Record<string, string[]> => {
  const query: Record<string, string[]> = {};
  for (const [name, value] of new URLSearchParams(search)) query[name] = [...(query[name] ?? []), value];
  return query;
};
