/** Shorter runs of a secret say too little to be of use, and would hide ordinary words. */
const runLength = 8;

/** Same length as the text: lower case and one alphabet for base64 and base64url. */
const fold = (text: string): string =>
  text
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replaceAll("-", "+")
    .replaceAll("_", "/");

/** The secret's base64 at each of the three offsets at which it can stand inside a longer encoded text. */
const base64Forms = (secret: string): string[] =>
  [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
    const encoded = padded.toString("base64").replace(/=+$/, "");
    // The first and last characters also carry bits of the neighbours.
    return encoded.slice(offset === 0 ? 0 : offset + 1, padded.length % 3 === 0 ? undefined : -1);
  });

/** The ways in which a text may hold the secret, its case aside. */
export const formsOf = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString("hex"),
  ...base64Forms(secret),
];

const runsOf = (secret: string): Map<number, Set<string>> => {
  const runs = new Map<number, Set<string>>();
  for (const form of formsOf(secret).map(fold)) {
    const length = Math.min(runLength, form.length);
    const known = runs.get(length) ?? new Set();
    for (let start = 0; start + length <= form.length && length > 0; start++)
      known.add(form.slice(start, start + length));
    runs.set(length, known);
  }
  return runs;
};

/**
 * Makes a function that replaces whatever a text shares with the secret: the whole, any run of eight characters (a
 * provider may echo a cut token), in any case, percent-encoded, JSON-escaped, hexadecimal, or base64 inside a longer
 * text. The table of runs is made at the first use, since most calls have no error to redact.
 */
export const createRedactor = (secret: string): ((text: string) => string) => {
  let runs: Map<number, Set<string>> | undefined;
  return (text) => {
    runs ??= runsOf(secret);
    const folded = fold(text);
    let clean = "";
    let copied = 0;
    for (let start = 0; start < text.length; ) {
      const end = endOfRun(folded, start, runs);
      if (end > start) {
        clean += `${text.slice(copied, start)}[redacted]`;
        copied = end;
      }
      start = Math.max(end, start + 1);
    }
    return clean + text.slice(copied);
  };
};

/** Where the secret's run that begins at `start` ends; overlapping runs count as one. `start` where none begins. */
const endOfRun = (folded: string, start: number, runs: Map<number, Set<string>>): number => {
  let end = start;
  for (let at = start; at === start || at < end; at++) {
    for (const [length, known] of runs)
      if (known.has(folded.slice(at, at + length))) end = Math.max(end, at + length);
  }
  return end;
};
