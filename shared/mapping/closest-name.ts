/** How many characters are to be added, left out, replaced or exchanged with the next one to make `b` of `a`. */
const distance = (a: string, b: string): number => {
  const row = (at: number) => Array.from({ length: b.length + 1 }, (_, to) => (at === 0 ? to : at));
  let [before, last] = [row(0), row(0)];
  for (let i = 1; i <= a.length; i += 1) {
    const next = row(i);
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next[j] = Math.min(
        (last[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, last] = [last, next];
  }
  return last[b.length] ?? 0;
};

/** Of the names the one that `name` is probably meant to be, whatever its case; undefined where none is close. */
export const closestName = (name: string, names: readonly string[]): string | undefined => {
  // Names are short; longer texts are no misspelling of one.
  if (name.length > 64) return undefined;
  const scored = names.map((known) => ({ known, by: distance(name.toLowerCase(), known.toLowerCase()) }));
  const [best] = scored.sort((a, b) => a.by - b.by);
  return best && best.by <= Math.max(1, Math.floor(best.known.length / 3)) ? best.known : undefined;
};

/** `; did you mean NAME?`, or nothing. */
export const didYouMean = (name: string | undefined): string =>
  name === undefined ? "" : `; did you mean ${name}?`;
