import type { Provider } from "./provider.ts";
import type { Call, UsherClient } from "./usher-client.ts";

/**
 * Carries out one step under a correlation id of its own and prints a line about it; `work` may return further lines.
 */
export type Step = (
  name: string,
  title: string,
  work: (call: Call) => Promise<string[] | undefined>,
) => Promise<void>;

export const correlationOf = (name: string): string => `demo-${name}`;

/**
 * The steps of a demo: each line tells what is being done, and once it is done the calls to Usher, the requests at the
 * provider and the time.
 */
export const makeStep = (usher: UsherClient, provider: Provider): Step => {
  let number = 0;
  return async (name, title, work) => {
    number += 1;
    process.stdout.write(`${String(number).padStart(2)}  ${title.padEnd(76)}`);
    const [calls, requests, startedAt] = [usher.calls(), provider.requests(), performance.now()];
    const more = await work(usher.correlated(correlationOf(name)));
    const cost = [
      counted(usher.calls() - calls, "call").padStart(9),
      counted(provider.requests() - requests, "SCIM request").padStart(17),
      `${(performance.now() - startedAt).toFixed(0)} ms`.padStart(8),
    ];
    process.stdout.write(`${cost.join(" ")}\n`);
    for (const line of (more ?? []).flatMap((text) => wrapped(text, 106))) console.log(`      ${line}`);
  };
};

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** The text in lines of at most this width, broken at blanks. */
const wrapped = (text: string, width: number): string[] =>
  text.match(new RegExp(`\\S.{0,${width - 1}}(?=\\s|$)`, "g")) ?? [text];
