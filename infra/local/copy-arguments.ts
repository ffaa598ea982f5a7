import { resolve } from "node:path";
import { parseArgs } from "node:util";

/**
 * The one folder that `npm run backup` and `npm run restore` take, as a whole path; undefined where help is asked for. A
 * relative one starts where the user is, which npm leaves for the project's folder.
 *
 * @throws Error which ends with the first line of `usage`
 */
export const readFolder = (
  words: string[],
  usage: string,
  environment: NodeJS.ProcessEnv,
): string | undefined => {
  const [line] = usage.split("\n");
  const refuse = (what: string) => new Error(`${what}\n${line}`);
  let parsed: { values: { help: boolean }; positionals: string[] };
  try {
    const options = { help: { type: "boolean", default: false } } as const;
    parsed = parseArgs({ args: words, options, allowPositionals: true });
  } catch (error) {
    throw refuse((error as Error).message.split(". ")[0] ?? "");
  }
  if (parsed.values.help) return undefined;
  const [folder, ...more] = parsed.positionals;
  if (!folder || more.length > 0) throw refuse("name one folder");
  return resolve(environment.INIT_CWD ?? "", folder);
};

/** What a backup holds, in words. */
export const describeContents = ({
  tables,
  secrets,
}: {
  tables: Record<string, number>;
  secrets: number;
}): string =>
  [...Object.entries(tables).map(([name, items]) => `${items} items of ${name}`), `${secrets} secrets`].join(
    ", ",
  );

/** Ends the process, with what went wrong behind `outcome`. */
export const fail = (outcome: string, error: unknown): never => {
  const message = error instanceof Error ? error.message : "unknown reason";
  console.error(`${outcome}: ${message}${/\.$|\n/.test(message) ? "" : "."}`);
  process.exit(1);
};
