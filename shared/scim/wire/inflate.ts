type Options = { maxOutputLength: number; finishFlush: number };
type Decode = (bytes: Buffer, options: Options) => Promise<Buffer>;
type Unzip = (bytes: Buffer, options: Options, done: (error: Error | null, decoded: Buffer) => void) => void;

/** Not imported: hardly any answer is compressed, and a cold start should not pay for it. */
const zlib = () => process.getBuiltinModule("node:zlib");

const decodeWith =
  (name: "gunzip" | "inflate" | "inflateRaw" | "brotliDecompress"): Decode =>
  (bytes, options) =>
    new Promise((resolve, reject) => {
      const unzip: Unzip = zlib()[name];
      unzip(bytes, options, (error, decoded) => (error ? reject(error) : resolve(decoded)));
    });

/** `deflate` is the zlib format (RFC 9110 §8.4.1.2), and some send it without its frame. */
const inflateAny: Decode = (bytes, options) => {
  const isFramed = ((bytes[0] ?? 0) & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0;
  return decodeWith(isFramed ? "inflate" : "inflateRaw")(bytes, options);
};

const decoders: Readonly<Record<string, Decode>> = {
  gzip: decodeWith("gunzip"),
  "x-gzip": decodeWith("gunzip"),
  deflate: inflateAny,
  br: decodeWith("brotliDecompress"),
};

/** An answer says so many codings at most; each one more would inflate once more. */
const maxCodings = 3;

/**
 * The bytes of a body without its `Content-Encoding`, or "too large" where they come to more than `maxBytes` on the
 * way: no more memory than that is taken. A body that is not what its header says stays as it came, since some
 * proxies decode it and leave the header; what cannot be read is then told as any other.
 */
export const inflate = async (
  bytes: Buffer,
  contentEncoding: string | undefined,
  maxBytes: number,
): Promise<Buffer | "too large"> => {
  const codings = (contentEncoding ?? "")
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim());
  const named = codings.filter((coding) => coding !== "" && coding !== "identity");
  if (bytes.length < 2 || named.length > maxCodings) return bytes;
  const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib().constants;
  let decoded = bytes;
  // The last coding that is named was applied last (RFC 9110 §8.4).
  for (const coding of named.reverse()) {
    const decode = decoders[coding];
    if (decode === undefined) return bytes;
    // A body that ends early shows as much as there is of it.
    const finishFlush = coding === "br" ? BROTLI_OPERATION_FLUSH : Z_SYNC_FLUSH;
    try {
      decoded = await decode(decoded, { maxOutputLength: maxBytes, finishFlush });
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? "too large" : bytes;
    }
  }
  return decoded;
};
