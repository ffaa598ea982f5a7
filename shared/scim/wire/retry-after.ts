/** Longer waits are not believed: a provider's clock or arithmetic may be off. */
const maxSeconds = 3600;

/**
 * `Retry-After` (RFC 9110 §10.2.3) in whole seconds from now, whether it is given in seconds or as an HTTP date;
 * capped, never negative, undefined where it cannot be read.
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
  return Number.isNaN(seconds) ? undefined : Math.ceil(Math.min(Math.max(seconds, 0), maxSeconds));
};
