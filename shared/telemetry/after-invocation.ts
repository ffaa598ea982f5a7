let waiting = new Set<() => void>();

/**
 * Has `work` done once, when the invocation that is under way has its answer and before Lambda freezes the process. Given
 * again before that, it is still done once. It must not throw, and nobody waits for it.
 */
export const afterInvocation = (work: () => void): void => {
  waiting.add(work);
};

/** What every handler does at its end, whatever came of it. */
export const endInvocation = (): void => {
  const due = waiting;
  waiting = new Set();
  for (const work of due) work();
};
