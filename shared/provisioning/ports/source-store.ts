import type { NotedRequest, Source, SourceStatus } from "../../model/source.ts";

/** Whose the token of a hash is, and when it was taken (Unix ms). */
export type TokenClaim = { sourceId: string; tokenId: string; at: number };

/** Sources, the hashes of their tokens, and how they are used. Reads are strongly consistent. */
export type SourceStore = {
  /** A deleted one, too, until it is removed. */
  read(sourceId: string): Promise<Source | undefined>;
  /** All of them, deleted ones too, the oldest first. There are few. */
  all(): Promise<Source[]>;
  /**
   * Keep the source as its next version, where it is still at `source.version` (0: not there yet). The source as kept;
   * undefined where it moved.
   */
  save(source: Source): Promise<Source | undefined>;
  /** The event of that version is on record. Nothing where another change came since. */
  recorded(sourceId: string, version: number): Promise<void>;
  /** Remove it for good, at that version, with its status. */
  remove(sourceId: string, version: number): Promise<void>;

  /** Whose the token of that hash is: one look-up by key. Whether it opens anything its source alone tells. */
  tokenOf(hash: string): Promise<TokenClaim | undefined>;
  /**
   * Take the hash, where nobody has it, or exactly the claim `instead` that was seen. Answers who has it then: `mine`, or
   * another.
   */
  claimToken(hash: string, mine: TokenClaim, instead?: TokenClaim): Promise<TokenClaim>;
  /** Nothing where another has it. */
  releaseToken(hash: string, tokenId: string): Promise<void>;

  /** Of those that have one. */
  statusOf(sourceIds: string[]): Promise<Map<string, SourceStatus>>;
  /**
   * Note a request and the use of its token: of successes one a minute of each token, of errors one a second, over all processes
   * together, so that no burst of a source writes more than that.
   */
  noteRequest(sourceId: string, request: NotedRequest): Promise<void>;
};
