import { createRequire, syncBuiltinESMExports } from "node:module";
import { performance as clockOfLoop } from "node:perf_hooks";

type Waiting = { due: number; fire: () => void; handle: NodeJS.Timeout; isAwaited: boolean };

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  now: Date.now,
  performanceNow: performance.now.bind(performance),
};
const waiting = new Map<number, Waiting>();
let lastKey = 0;
/** How far this process is ahead of the machine's clock, in ms. */
let ahead = 0;
const now = (): number => real.now() + ahead;

/** What a caller of `setTimeout` holds. */
class QuickTimeout {
  readonly key: number;
  readonly ms: number;
  readonly run: () => void;

  constructor(run: () => void, ms: number) {
    this.key = ++lastKey;
    this.ms = Math.max(1, Number(ms) || 0);
    this.run = run;
    this.start(true);
  }
  private start(isAwaited: boolean): void {
    const fire = (): void => {
      waiting.delete(this.key);
      this.run();
    };
    waiting.set(this.key, { due: now() + this.ms, fire, handle: real.setTimeout(fire, this.ms), isAwaited });
    watch();
  }
  close(): this {
    real.clearTimeout(waiting.get(this.key)?.handle);
    waiting.delete(this.key);
    return this;
  }
  refresh(): this {
    const isAwaited = waiting.get(this.key)?.isAwaited ?? true;
    this.close();
    this.start(isAwaited);
    return this;
  }
  unref(): this {
    const one = waiting.get(this.key);
    if (one) one.isAwaited = false;
    one?.handle.unref();
    return this;
  }
  ref(): this {
    const one = waiting.get(this.key);
    if (one) one.isAwaited = true;
    one?.handle.ref();
    return this;
  }
  hasRef(): boolean {
    return waiting.get(this.key)?.isAwaited ?? false;
  }
  [Symbol.toPrimitive](): number {
    return this.key;
  }
  [Symbol.dispose](): void {
    this.close();
  }
}

const leap = (): void => {
  const awaited = [...waiting.values()].filter(({ isAwaited }) => isAwaited);
  if (awaited.length === 0) return;
  const by = Math.min(...awaited.map(({ due }) => due)) - now();
  if (by <= 0) return;
  ahead += by;
  for (const one of waiting.values()) {
    const isHeld = one.handle.hasRef();
    real.clearTimeout(one.handle);
    one.handle = real.setTimeout(one.fire, Math.max(1, one.due - now()));
    if (!isHeld) one.handle.unref();
  }
};

const tickMs = 3;
/** One look may fall between a socket's data and its being read, when the machine is busy; so many in a row do not. */
const quietLooks = 3;
/**
 * Requests to the system that are under way: files, name look-ups, compression. Sockets on this machine are quicker
 * than a look.
 */
const isUnderWay = (): boolean =>
  process
    .getActiveResourcesInfo()
    .some((name) => /Req|zlib/i.test(name) && !/^(TCPConnect|Connect)/.test(name));

let looking: NodeJS.Timeout | undefined;
const watch = (): void => {
  if (looking) return;
  let quiet = 0;
  let last = clockOfLoop.eventLoopUtilization();
  looking = real.setInterval(() => {
    if (waiting.size === 0) {
      clearInterval(looking);
      looking = undefined;
      return;
    }
    const { active } = clockOfLoop.eventLoopUtilization(last);
    last = clockOfLoop.eventLoopUtilization();
    quiet = active < tickMs / 4 && !isUnderWay() ? quiet + 1 : 0;
    if (quiet >= quietLooks) {
      quiet = 0;
      leap();
    }
  }, tickMs);
  looking.unref();
};

const quickSetTimeout = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
  new QuickTimeout(() => run(...args), ms);
const quickClearTimeout = (timeout: unknown): void => {
  if (timeout instanceof QuickTimeout) timeout.close();
  else real.clearTimeout(timeout as NodeJS.Timeout);
};
const quickSleep = (
  ms = 0,
  value?: unknown,
  { signal, ref = true }: { signal?: AbortSignal; ref?: boolean } = {},
) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timeout = quickSetTimeout(() => resolve(value), ms);
    if (!ref) timeout.unref();
    signal?.addEventListener("abort", () => {
      timeout.close();
      reject(signal.reason);
    });
  });

/**
 * From here on nobody waits in the process of this test file. As soon as nothing is under way, time leaps to the next
 * timer that keeps the process going; what is slow because the machine is busy is waited for. So a provider that hangs
 * for 25 s takes milliseconds, everybody's clock says 25 s, and no load makes it fail. A test that must look at things
 * while a request is under way does so where the provider takes it up (`intercept`), or after `until`.
 *
 * Not for tests with further processes: those have a time of their own.
 */
export const leapOverWaits = (): void => {
  const builtin = createRequire(import.meta.url);
  globalThis.setTimeout = quickSetTimeout as unknown as typeof setTimeout;
  globalThis.clearTimeout = quickClearTimeout as typeof clearTimeout;
  Object.assign(builtin("node:timers"), { setTimeout: quickSetTimeout, clearTimeout: quickClearTimeout });
  Object.assign(builtin("node:timers/promises"), { setTimeout: quickSleep });
  syncBuiltinESMExports();
  Date.now = now;
  globalThis.Date = new Proxy(Date, {
    construct: (date, args, asked) => Reflect.construct(date, args.length > 0 ? args : [date.now()], asked),
  });
  performance.now = () => real.performanceNow() + ahead;
};

/** Waits for something that is under way, and holds time back meanwhile. */
export const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const giveUp = real.now() + 20_000;
  while (!(await isSo())) {
    if (real.now() > giveUp) throw new Error("What was waited for did not come.");
    await new Promise((go) => setImmediate(go));
  }
};
