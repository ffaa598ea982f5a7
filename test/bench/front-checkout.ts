import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "./stage.ts";

type Checkout = { name: string; root: string; remove(): void };

/**
 * Another commit of this project in a folder of its own, with what it needs at run time: a link to the packages of this
 * checkout where it has the same ones, else its own by `npm ci`. `remove` takes it away again, and so does the end of
 * the process.
 *
 * @throws Error where this checkout knows no such commit
 */
export const checkOut = async (commit: string, own: string): Promise<Checkout> => {
  const git = (...words: string[]): string => {
    const stdio: ("ignore" | "pipe")[] = ["ignore", "pipe", "pipe"];
    return execFileSync("git", ["-C", own, ...words], { encoding: "utf8", stdio }).trim();
  };
  const id = resolveCommit(git, commit);
  const root = makeFolder();
  let removed = false;
  const remove = () => {
    if (removed) return;
    removed = true;
    git("worktree", "remove", "--force", root);
  };
  git("worktree", "add", "--detach", root, id);
  process.prependOnceListener("exit", remove);
  // Ctrl-C alone would end the process without that.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const [ours, theirs] = [own, root].map((folder) => readFileSync(join(folder, "package-lock.json"), "utf8"));
  if (runtimePackages(ours ?? "") === runtimePackages(theirs ?? "")) {
    symlinkSync(join(own, "node_modules"), join(root, "node_modules"));
  } else {
    const words = ["ci", "--omit=dev", "--no-audit", "--no-fund"];
    execFileSync("npm", words, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  }
  return { name: id.slice(0, 7), root, remove };
};

const resolveCommit = (git: (...words: string[]) => string, commit: string): string => {
  try {
    return git("rev-parse", "--verify", "--quiet", `${commit}^{commit}`);
  } catch {
    throw new Error(`this checkout knows no commit ${commit}`);
  }
};

type Lock = { packages: Record<string, { version?: string; integrity?: string; dev?: boolean }> };

/** What a lock file installs without the tools of development, as a text to compare. */
const runtimePackages = (lock: string): string => {
  const { packages } = JSON.parse(lock) as Lock;
  const needed = Object.entries(packages).filter(([path, { dev }]) => path !== "" && !dev);
  return JSON.stringify(needed.map(([path, { version, integrity }]) => [path, version, integrity]));
};
