import { present } from "../common/objects.ts";
import type { JsonValue } from "../model/json.ts";

/**
 * A request as it would go out: `path` below the base URL, readable and not encoded, with its query. `notBefore` (RFC 3339): of
 * one that a policy lets wait.
 */
export type RecordedRequest = {
  integrationId: string;
  method: string;
  path: string;
  body?: JsonValue;
  notBefore?: string;
};

/** More are counted alone. */
const mostKept = 100;
/** An answer is no longer than a Lambda may give, whatever members a body names. */
const mostKeptCharacters = 3_000_000;

/** What would go out, in the order in which it would. */
export const openRecording = () => {
  const kept: RecordedRequest[] = [];
  let total = 0;
  let room = mostKeptCharacters;
  let notBefore: string | undefined;
  return {
    note(request: RecordedRequest, length: number): void {
      total += 1;
      if (kept.length === total - 1 && total <= mostKept && length <= room) {
        kept.push({ ...request, ...present({ notBefore }) });
        room -= length;
      }
    },
    /** What is noted from now on goes out then (Unix ms), or later. */
    waitUntil(at: number): void {
      notBefore = new Date(at).toISOString();
    },
    requests: () => kept,
    total: () => total,
  };
};
export type Recording = ReturnType<typeof openRecording>;
