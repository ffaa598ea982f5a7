const hint = "give an address such as https://usher.example.com, without path, query or user info";

/**
 * The address under which the service is called from outside, without a slash at the end: its origin alone. `allowLoopback`: http
 * on this machine, too. Else what is wrong with it.
 */
export const readPublicUrl = (
  text: string,
  { allowLoopback = false } = {},
): { ok: true; url: string } | { ok: false; reason: string } => {
  const url = URL.parse(text);
  if (!url || (url.href !== `${url.origin}/` && url.href !== url.origin)) return { ok: false, reason: hint };
  const isLoopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url.hostname);
  const isFit = url.protocol === "https:" || (allowLoopback && url.protocol === "http:" && isLoopback);
  return isFit ? { ok: true, url: url.origin } : { ok: false, reason: hint };
};
