/**
 * Longer waits are not believed, since a provider's clock or arithmetic may be off: it is asked again after the other
 * one.
 */
const longestBelieved = 3600;
const insteadSeconds = 300;

/**
 * `Retry-After` (RFC 9110 §10.2.3) in whole seconds from now, whether it is given in seconds or as an HTTP date;
 * never negative, five minutes for more than an hour, undefined where it cannot be read.
 */
export const parseRetryAfter = (header: string | undefined, now: number): number | undefined => {
  const text = header?.trim() ?? "";
  const isSeconds = /^\d+(\.\d+)?$/.test(text);
  // Without a letter, Date.parse would read a bare "-5" as a year.
  const seconds = isSeconds
    ? Number(text)
    : /[a-z]/i.test(text)
      ? (Date.parse(text) - now) / 1000
      : Number.NaN;
  if (Number.isNaN(seconds)) return undefined;
  return seconds > longestBelieved ? insteadSeconds : Math.ceil(Math.max(seconds, 0));
};
