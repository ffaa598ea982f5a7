import { bareToken, isTokenForm, type NotedRequest, type Source } from "../model/source.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import type { Telemetry } from "../provisioning/ports/telemetry.ts";
import { hasEnded } from "./take-token.ts";
import { hashToken } from "./token.ts";

/** Whose the request is, and by which token. */
export type SourceIdentity = { source: Source; tokenId: string };

/**
 * The source whose token an Authorization header holds, with or without the word Bearer. Undefined where there is none, it is
 * unknown, has ended, was deleted, or its source was: nothing tells which, and each is counted. What cannot be a token costs
 * nothing, and an unknown one a single look-up by its hash, so that none can be found out by how long it takes.
 * @throws Failure `store-unavailable`
 */
export const authenticateSource = async (
  ports: Pick<Ports, "sources" | "clock">,
  authorization: string | undefined,
  telemetry: Telemetry,
): Promise<SourceIdentity | undefined> => {
  const token = bareToken(authorization ?? "");
  const identity = isTokenForm(token) ? await identityOf(ports, hashToken(token)) : undefined;
  if (!identity) telemetry.record([{ metric: "TokensRefused", value: 1 }]);
  return identity;
};

/** The source says which tokens open it; what else is kept under a hash opens nothing. */
const identityOf = async (
  { sources, clock }: Pick<Ports, "sources" | "clock">,
  hash: string,
): Promise<SourceIdentity | undefined> => {
  const claim = await sources.tokenOf(hash);
  const source = claim && (await sources.read(claim.sourceId));
  if (!source || source.deleted) return undefined;
  const named = source.tokens.find((one) => one.tokenId === claim.tokenId && one.hash === hash);
  return named && !hasEnded(named, clock.now()) ? { source, tokenId: named.tokenId } : undefined;
};

/**
 * Note how a request of a source was answered, and that its token was used. To be called once the answer is known; it throws
 * nothing, since the request was carried out. `detail` is what the identity provider was told.
 */
export const noteRequest = async (
  { sources }: Pick<Ports, "sources">,
  { source, tokenId }: SourceIdentity,
  request: Omit<NotedRequest, "tokenId">,
): Promise<void> => {
  await sources.noteRequest(source.sourceId, { ...request, tokenId }).catch(() => undefined);
};
