/** The value below which the share `part` of the samples lies (nearest rank). */
export const percentile = (samples: readonly number[], part: number): number => {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
  if (value === undefined) throw new Error("no samples");
  return value;
};

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

export const ms = (value: number): string => value.toFixed(1);
export const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(0);
export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
export const times = (value: number): string => `${value.toFixed(2)}×`;

/** Prints rows under a heading, the first column to the left and the others to the right. */
export const printTable = (heading: string[], rows: (string | number)[][]): void => {
  const lines = [heading, ...rows.map((row) => row.map(String))];
  const widths = heading.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const show = (line: string[]) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ");
  const [first = [], ...others] = lines;
  console.log(show(first));
  console.log(widths.map((width) => "-".repeat(width)).join("  "));
  for (const line of others) console.log(show(line));
  console.log();
};
