import type { JsonValue } from "../model/json.ts";

/** A request as it would go out: `path` below the base URL, readable and not encoded, with its query. */
export type RecordedRequest = { integrationId: string; method: string; path: string; body?: JsonValue };

/** More are counted alone. */
const mostKept = 100;
/** An answer is no longer than a Lambda may give, whatever members a body names. */
const mostKeptCharacters = 3_000_000;

/** What would go out, in the order in which it would. */
export const openRecording = () => {
  const kept: RecordedRequest[] = [];
  let total = 0;
  let room = mostKeptCharacters;
  return {
    note(request: RecordedRequest, length: number): void {
      total += 1;
      if (kept.length === total - 1 && total <= mostKept && length <= room) {
        kept.push(request);
        room -= length;
      }
    },
    requests: () => kept,
    total: () => total,
  };
};
export type Recording = ReturnType<typeof openRecording>;
