import { onTestFinished, vi } from "vitest";

/** What the log says during a test: the lines as they are written, none of which reaches the console. */
export const collectLog = () => {
  const texts: string[] = [];
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => texts.push(String(text)) > 0);
  onTestFinished(() => spy.mockRestore());
  return {
    texts,
    lines: () =>
      texts
        .join("")
        .split("\n")
        .filter(Boolean)
        .map((line): Record<string, unknown> => JSON.parse(line)),
  };
};
