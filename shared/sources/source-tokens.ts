import { Failure } from "../model/failure.ts";
import type { Source, SourceToken, TokenInput } from "../model/source.ts";
import { changeSource, existingSource } from "./change-source.ts";
import type { AskingForSource } from "./record-source.ts";
import { hasEnded, takeToken } from "./take-token.ts";

const mostTokens = 2;

/**
 * Give a source another token, which is answered this once. Both open it, so that the identity provider can go from one to the
 * other. Those that have ended make room.
 * @throws Failure `not-found`, `token-limit-reached`, `token-in-use`, `invalid-input`
 */
export const addToken = async (
  asking: AskingForSource,
  sourceId: string,
  input: TokenInput,
): Promise<{ kept: SourceToken; token: string }> => {
  const { ports } = asking;
  const inForce = ({ tokens }: Source) => tokens.filter((token) => !hasEnded(token, ports.clock.now()));
  const requireRoom = (source: Source): void => {
    if (inForce(source).length >= mostTokens) throw limitReached(source);
  };
  requireRoom(await existingSource(ports, sourceId));
  const { token, kept } = await takeToken(ports, sourceId, input);
  const ended: SourceToken[] = [];
  try {
    await changeSource(asking, sourceId, (before) => {
      requireRoom(before);
      ended.push(...before.tokens.filter((one) => hasEnded(one, ports.clock.now())));
      return { ...before, tokens: [...inForce(before), kept] };
    });
  } catch (error) {
    // Where it is known not to be the source's. Else whoever takes the token next asks the source.
    if (error instanceof Failure && error.code !== "store-unavailable")
      await ports.sources.releaseToken(kept.hash, kept.tokenId).catch(() => undefined);
    throw error;
  }
  await releaseTokens(asking, ended);
  return { token, kept };
};

/**
 * The token opens nothing from then on.
 * @throws Failure `not-found`
 */
export const removeToken = async (
  asking: AskingForSource,
  sourceId: string,
  tokenId: string,
): Promise<void> => {
  const removed: SourceToken[] = [];
  await changeSource(asking, sourceId, (before) => {
    const token = before.tokens.find((one) => one.tokenId === tokenId);
    if (!token) throw new Failure("not-found", `Source ${sourceId} has no token ${tokenId}.`);
    removed.push(token);
    return { ...before, tokens: before.tokens.filter((one) => one !== token) };
  });
  await releaseTokens(asking, removed);
};

/** What is left of a token that its source does not name opens nothing, so this may fail. */
const releaseTokens = async ({ ports }: AskingForSource, tokens: SourceToken[]): Promise<void> => {
  for (const { hash, tokenId } of tokens)
    await ports.sources.releaseToken(hash, tokenId).catch(() => undefined);
};

const limitReached = ({ sourceId, tokens }: Source): Failure =>
  new Failure(
    "token-limit-reached",
    `Source ${sourceId} has ${mostTokens} tokens (…${tokens.map(({ hint }) => hint).join(", …")}). Delete the one that is not used any more first.`,
  );
