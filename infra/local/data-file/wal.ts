import { existsSync, readFileSync } from "node:fs";

const headerBytes = 32;
const frameHeaderBytes = 24;

/**
 * How many commits of a write-ahead log SQLite does not take over because what is before them is damaged. SQLite drops
 * them without a word. To be read before SQLite opens the file, which changes the log.
 *
 * A log that was cut at the boundary of two frames cannot be told from a shorter one.
 */
export const unreadCommits = (walPath: string): number => {
  // Checkpoints keep it at some 16 MB.
  const log = existsSync(walPath) ? readFileSync(walPath) : Buffer.alloc(0);
  if (log.length < headerBytes) return 0;
  const frameBytes = frameHeaderBytes + log.readUInt32BE(8);
  const salt = log.subarray(16, 24);
  let commits = 0;
  for (
    let at = headerBytes + taken(log, frameBytes) * frameBytes;
    at + frameBytes <= log.length;
    at += frameBytes
  ) {
    const isCommit = log.readUInt32BE(at + 4) !== 0;
    if (isCommit && log.subarray(at + 8, at + 16).equals(salt)) commits += 1;
  }
  return commits;
};

/** How many frames from the start are whole, up to the last commit: what SQLite takes over (its file format, 4.2). */
const taken = (log: Buffer, frameBytes: number): number => {
  const little = (log.readUInt32BE(0) & 1) === 0;
  const read = (at: number) => (little ? log.readUInt32LE(at) : log.readUInt32BE(at));
  let [one, two] = [0, 0];
  const add = (from: number, to: number) => {
    for (let at = from; at < to; at += 8) {
      one = (one + read(at) + two) >>> 0;
      two = (two + read(at + 4) + one) >>> 0;
    }
  };
  add(0, 24);
  if (one !== log.readUInt32BE(24) || two !== log.readUInt32BE(28)) return 0;
  let committed = 0;
  for (let at = headerBytes, frame = 1; at + frameBytes <= log.length; at += frameBytes, frame += 1) {
    if (!log.subarray(at + 8, at + 16).equals(log.subarray(16, 24))) break;
    add(at, at + 8);
    add(at + frameHeaderBytes, at + frameBytes);
    if (one !== log.readUInt32BE(at + 16) || two !== log.readUInt32BE(at + 20)) break;
    if (log.readUInt32BE(at + 4) !== 0) committed = frame;
  }
  return committed;
};
