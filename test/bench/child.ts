import { type ChildProcess, type ForkOptions, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A process of its own, so that its event loop and its memory are nobody else's. */
type Child<Ready> = {
  ready: Ready;
  /** Asks by the name of a question and waits for the answer. */
  ask<Answer>(question: string, ...args: unknown[]): Promise<Answer>;
  /** Milliseconds of processor time that it has taken so far. */
  cpuMs(): Promise<number>;
  /** Lets the process end by itself, and tells the largest memory that it ever took, in bytes. */
  stop(): Promise<number>;
  process: ChildProcess;
  ended: Promise<void>;
};

type Question = { id: number; question: string; args: unknown[] };
type Reply = { id: number; answer?: unknown; error?: string };

/** Starts a file, by its URL from this folder, and waits until it says that it is ready. */
export const startChild = async <Ready>(
  file: string,
  args: string[] = [],
  options: ForkOptions = {},
): Promise<Child<Ready>> => {
  const profile = process.env.BENCH_CPU_PROFILE;
  const execArgv = profile ? ["--cpu-prof", `--cpu-prof-dir=${profile}`] : [];
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    ...options,
    execArgv: [...execArgv, ...(options.execArgv ?? [])],
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended early`));
  });
  child.on("message", ({ id, answer, error }: Reply) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error === undefined) resolve?.(answer);
    else reject?.(new Error(`${file}: ${error}`));
  });
  const expect = <T>(id: number): Promise<T> => {
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    return answer.promise as Promise<T>;
  };
  const ask = async <T>(question: string, ...parts: unknown[]): Promise<T> => {
    const id = nextId(child);
    const answer = expect<T>(id);
    child.send({ id, question, args: parts } satisfies Question);
    return await answer;
  };
  const ready = await expect<Ready>(0);
  const stop = async () => {
    const peak = await ask<number>("stop");
    child.disconnect();
    await ended;
    return peak;
  };
  return { ready, ask, cpuMs: () => ask("cpu"), stop, process: child, ended };
};

const lastIds = new WeakMap<ChildProcess, number>();
const nextId = (child: ChildProcess): number => {
  const id = (lastIds.get(child) ?? 0) + 1;
  lastIds.set(child, id);
  return id;
};

/** The other side, in the child: says `ready`, then answers questions until its parent has gone. */
export const serveParent = (
  ready: unknown,
  answers: Record<string, (...args: never[]) => unknown>,
  close: () => unknown,
): void => {
  const reply = (message: Reply) => process.send?.(message);
  const answer = async ({ question, args }: Question): Promise<unknown> => {
    if (question === "cpu") {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    }
    if (question === "stop") await close();
    // Kilobytes on every platform.
    if (question === "stop" || question === "peak") return process.resourceUsage().maxRSS * 1024;
    return await answers[question]?.(...(args as never[]));
  };
  process.on("message", (question: Question) => {
    answer(question).then(
      (value) => reply({ id: question.id, answer: value }),
      (error: unknown) => reply({ id: question.id, error: String(error) }),
    );
  });
  process.once("disconnect", () => process.exit(0));
  reply({ id: 0, answer: ready });
};
