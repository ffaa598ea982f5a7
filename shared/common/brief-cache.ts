/** What is answered again for a while, by name. */
export type BriefCache = {
  /** The answer of that name, asked for anew once it is older than `ageMs` of it. Who asks at once shares one question. */
  ask<T>(name: string, question: () => Promise<T>, ageMs: (answer: T) => number): Promise<T>;
};

const mostKept = 10_000;

/** Keeps answers in this process. A failure is kept for nobody. */
export const createBriefCache = (now: () => number): BriefCache => {
  const kept = new Map<string, { answer: Promise<unknown>; until: number }>();
  return {
    ask<T>(name: string, question: () => Promise<T>, ageMs: (answer: T) => number): Promise<T> {
      const known = kept.get(name);
      if (known && now() < known.until) return known.answer as Promise<T>;
      if (kept.size >= mostKept) kept.clear();
      const asked = { answer: question(), until: Number.POSITIVE_INFINITY };
      kept.set(name, asked);
      asked.answer.then(
        (answer) => {
          asked.until = now() + ageMs(answer);
        },
        () => void kept.delete(name),
      );
      return asked.answer;
    },
  };
};
