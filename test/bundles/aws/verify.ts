import { readSignatureClaim } from "../../../infra/local/signing/sigv4.ts";
import { type AwsKeys, sign } from "../../../infra/smoke/sign.ts";

export type Signed = { method: string; url: string; headers: Record<string, string>; body: Buffer };

/** Whose keys signed a request; undefined where nobody's did, or not for this region and service. */
export const signerOf = async (
  request: Signed,
  {
    region,
    service,
    keysOf,
  }: { region: string; service: string; keysOf(accessKeyId: string): AwsKeys | undefined },
): Promise<string | undefined> => {
  const claim = readSignatureClaim(request.headers);
  const keys = claim && keysOf(claim.accessKeyId);
  if (!claim || !keys || claim.region !== region || claim.service !== service) return undefined;
  // A session's keys are nothing without its token.
  if (keys.sessionToken !== request.headers["x-amz-security-token"]) return undefined;
  const date = new Date(claim.date.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
  if (!(Math.abs(Date.now() - date.getTime()) < 15 * 60_000)) return undefined;
  const headers = Object.fromEntries(claim.signedHeaders.map((name) => [name, request.headers[name] ?? ""]));
  const again = await sign({ ...request, headers }, { keys, region, service, date });
  return again.authorization === request.headers.authorization?.replace(/ +/g, " ")
    ? claim.accessKeyId
    : undefined;
};
