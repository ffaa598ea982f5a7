import { AsyncLocalStorage } from "node:async_hooks";

/** A process in which a worker runs, where it may die: at which of its requests. */
export const workers = new AsyncLocalStorage<{ diesAt: number; die(): void }>();

/** Nothing of a dead worker goes on. */
export const live = async (): Promise<void> => {
  const worker = workers.getStore();
  if (!worker) return;
  worker.diesAt -= 1;
  if (worker.diesAt >= 0) return;
  worker.die();
  await new Promise(() => undefined);
};
