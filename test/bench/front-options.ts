import { parseArgs } from "node:util";

export type FrontOptions = {
  /** The commit beside this checkout; without it, the bare loop is the baseline. */
  against?: string;
  /** Users of the directory. */
  users: number;
  /** Calls for users in a turn. */
  acts: number;
  /** Groups bound in a turn, and members that then join each of them. */
  groups: number;
  joins: number;
  sizes: number[];
  turns: number;
  delays: number[];
  callers: number[];
};
type BenchArguments = { names: string[]; options: FrontOptions };

const settings = {
  against: { type: "string" },
  large: { type: "boolean", default: false },
  users: { type: "string" },
  acts: { type: "string", default: "150" },
  groups: { type: "string", default: "1" },
  joins: { type: "string", default: "20" },
  sizes: { type: "string", default: "500,2000" },
  turns: { type: "string", default: "2" },
  delays: { type: "string", default: "0,25" },
  callers: { type: "string", default: "8,24" },
} as const;

/**
 * The words behind `npm run bench --`: names of sections, and the settings of the section `front`. `--against COMMIT`
 * runs that section alone, since no other one knows a second commit.
 *
 * @throws Error that says which word is wrong
 */
export const readArguments = (words: string[], known: readonly string[]): BenchArguments => {
  const { values, positionals } = parseArgs({ args: words, options: settings, allowPositionals: true });
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`no section ${unknown.join(", ")}; there are ${known.join(", ")}`);
  const { against } = values;
  if (against !== undefined && positionals.some((name) => name !== "front")) {
    throw new Error("--against is for the section front alone");
  }
  if (against === "" || against?.startsWith("-")) throw new Error("--against needs a commit");
  const list = (name: keyof typeof settings, text: string, least: number): number[] =>
    text.split(",").map((part) => {
      const value = Number(part);
      if (/^\d+$/.test(part) && value >= least) return value;
      throw new Error(`--${name} must be a number from ${least} on, not "${part}"`);
    });
  const one = (name: keyof typeof settings, text: string, least = 1): number => {
    const [value, ...more] = list(name, text, least);
    if (value === undefined || more.length > 0) throw new Error(`--${name} must be one number`);
    return value;
  };
  return {
    names: against === undefined ? positionals : ["front"],
    options: {
      ...(against === undefined ? {} : { against }),
      users: one("users", values.users ?? (values.large ? "100000" : "1000"), 2),
      acts: one("acts", values.acts),
      groups: one("groups", values.groups),
      joins: one("joins", values.joins),
      sizes: list("sizes", values.sizes, 1),
      turns: one("turns", values.turns),
      delays: list("delays", values.delays, 0),
      callers: list("callers", values.callers, 1),
    },
  };
};
