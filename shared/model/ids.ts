import { createHash, randomBytes } from "node:crypto";

/** UUID version 7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then random bits, so ids sort by time. */
export const uuidV7 = (nowMs: number): string => toUuidV7(nowMs, randomBytes(16));

const dayMs = 86_400_000;

/**
 * The one id that something has on a day, where days are counted from `startMs`, which is not after `nowMs`: of version 7
 * like any other, its time the moment that began the day, and all else from `name`, so that making it twice gives the
 * same id.
 */
export const dailyUuid = (startMs: number, nowMs: number, name: string): string =>
  toUuidV7(nowMs - ((nowMs - startMs) % dayMs), createHash("sha256").update(name).digest().subarray(0, 16));

const toUuidV7 = (nowMs: number, bytes: Buffer): string => {
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};

/** The Unix milliseconds inside a UUID version 7, or undefined where `id` is not one. */
export const timeOfUuidV7 = (id: string): number | undefined =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)
    ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
    : undefined;
