import { randomUUID } from "node:crypto";
import { Failure } from "../model/failure.ts";
import type { SourceToken, TokenInput } from "../model/source.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import type { TokenClaim } from "../provisioning/ports/source-store.ts";
import { hashToken, hintOf, newToken } from "./token.ts";

/** No call lasts as long: a token whose source does not name it after that was left behind by one that died. */
const deadAfterMs = 60_000;

/**
 * Take a token for a source, which then has to be saved with it: until that it opens nothing. Without `token` one is made.
 * @returns the token itself, to be shown this once, and what is kept of it
 * @throws Failure `token-in-use`, `invalid-input` where it has ended already, `attempt-in-progress` where another call takes it
 */
export const takeToken = async (
  { sources, clock }: Pick<Ports, "sources" | "clock">,
  sourceId: string,
  { token = newToken(), expiresAt }: TokenInput,
): Promise<{ token: string; kept: SourceToken }> => {
  const now = clock.now();
  if (expiresAt !== undefined && Date.parse(expiresAt) <= now)
    throw new Failure("invalid-input", "A field is not valid.", {
      errors: [{ path: "expiresAt", message: "is over already" }],
    });
  const hash = hashToken(token);
  const mine: TokenClaim = { sourceId, tokenId: newTokenId(), at: now };
  const held = await sources.claimToken(hash, mine);
  const isMine = ({ tokenId }: TokenClaim) => tokenId === mine.tokenId;
  if (!isMine(held)) {
    const holder = await sources.read(held.sourceId);
    const isUsed = holder?.tokens.some(({ tokenId }) => tokenId === held.tokenId) === true;
    if (!holder?.deleted && isUsed) throw tokenInUse();
    if (!holder?.deleted && held.at > now - deadAfterMs) throw beingTaken(held.at + deadAfterMs - now);
    if (!isMine(await sources.claimToken(hash, mine, held))) throw beingTaken(1_000);
  }
  const createdAt = new Date(now).toISOString();
  const { tokenId } = mine;
  return {
    token,
    kept: { tokenId, hash, hint: hintOf(token), createdAt, ...(expiresAt !== undefined && { expiresAt }) },
  };
};

/** It is part of the name of an attribute, which has no hyphens. */
const newTokenId = (): string => randomUUID().replaceAll("-", "");

const tokenInUse = (): Failure =>
  new Failure(
    "token-in-use",
    "The token that was brought opens a source already. Delete it there, or bring another.",
  );

const beingTaken = (ms: number): Failure =>
  new Failure("attempt-in-progress", "Another call has begun to take this token. Call again.", {
    retryAfterSeconds: Math.ceil(ms / 1000),
  });

/** @returns whether the token's time is over at `now` (Unix ms) */
export const hasEnded = ({ expiresAt }: SourceToken, now: number): boolean =>
  expiresAt !== undefined && Date.parse(expiresAt) <= now;
