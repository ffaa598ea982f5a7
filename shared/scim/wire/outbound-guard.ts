import { type LookupAddress, lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { isForbiddenAddress, isLoopbackAddress } from "./addresses.ts";

/** `allowLoopback` comes from code (the embedded run, tests) and never from the environment. */
export type GuardOptions = { allowLoopback?: boolean | undefined };

type BaseUrlCheck = { ok: true; url: string } | { ok: false; reason: string };

/** Turns a name into addresses; tests pass their own. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

/** The guard refused an address: nothing was sent. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused";
}

/** The host of a URL without the brackets of an IPv6 literal. */
export const bareHost = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, "$1");

/** `localhost` and names below it are loopback by definition (RFC 6761 §6.3). */
const isLoopbackHost = (host: string): boolean =>
  isIP(host) === 0 ? /(^|\.)localhost\.?$/i.test(host) : isLoopbackAddress(host);

/**
 * Why this host may not be called, as far as its spelling tells; undefined for a name that still has to be resolved.
 */
export const refusalOfHost = (host: string, options: GuardOptions): string | undefined => {
  if (isLoopbackHost(host))
    return options.allowLoopback === true ? undefined : "must not lead to this machine";
  if (isIP(host) === 0) return undefined;
  return isForbiddenAddress(host)
    ? "must not be a private, link-local or otherwise reserved address"
    : undefined;
};

/** The parser drops an empty user name or password, and takes more slashes than two. */
const hasUserInfo = (text: string): boolean => /^[^/]*\/{2,}[^/?]*@/.test(text);

const refusalOfUrl = (text: string, url: URL, options: GuardOptions): string | undefined => {
  const host = bareHost(url.hostname);
  const plainLoopback = url.protocol === "http:" && options.allowLoopback === true && isLoopbackHost(host);
  if (url.protocol !== "https:" && !plainLoopback) return "must begin with https://";
  if (hasUserInfo(text)) return "must not contain a user name or password";
  return refusalOfHost(host, options);
};

/**
 * Check and normalise a base URL without asking DNS. The URL parser has already turned odd spellings of IPv4
 * (decimal, octal, hexadecimal, short) into the usual one and a unicode host into punycode. Trailing slashes go,
 * since `//Users` is another path and breaks several providers; the path stays.
 */
export const checkBaseUrl = (text: string, options: GuardOptions = {}): BaseUrlCheck => {
  const trimmed = text.trim();
  if (trimmed.length > 2048) return { ok: false, reason: "must not be longer than 2,048 characters" };
  if (/[\s\p{Cc}\\]/u.test(trimmed)) return { ok: false, reason: "must not contain spaces or backslashes" };
  if (/[?#]/.test(trimmed)) return { ok: false, reason: "must not contain a query or a fragment" };
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) || !URL.canParse(trimmed))
    return { ok: false, reason: "must be a URL" };
  const url = new URL(trimmed);
  const reason = refusalOfUrl(trimmed, url, options);
  return reason === undefined
    ? { ok: true, url: url.origin + url.pathname.replace(/\/+$/, "") }
    : { ok: false, reason };
};

/** Whether the URL leads to this machine where code allows it: the local run and tests, with addresses of any shape. */
export const isAllowedLoopback = (url: string, options: GuardOptions): boolean =>
  options.allowLoopback === true && URL.canParse(url) && isLoopbackHost(bareHost(new URL(url).hostname));

/** Check and normalise a token endpoint without asking DNS: as a base URL, but it may have a query (RFC 6749 §3.2). */
export const checkTokenUrl = (text: string, options: GuardOptions = {}): BaseUrlCheck => {
  const trimmed = text.trim();
  if (/[\s\p{Cc}\\]/u.test(trimmed)) return { ok: false, reason: "must not contain spaces or backslashes" };
  if (trimmed.includes("#")) return { ok: false, reason: "must not contain a fragment" };
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) || !URL.canParse(trimmed))
    return { ok: false, reason: "must be a URL" };
  const url = new URL(trimmed);
  const reason = refusalOfUrl(trimmed, url, options);
  return reason === undefined ? { ok: true, url: url.href } : { ok: false, reason };
};

const resolveWithSystem: Resolve = (hostname) =>
  new Promise((done, fail) => {
    systemLookup(hostname, { all: true }, (error, addresses) => (error ? fail(error) : done(addresses)));
  });

/**
 * A `lookup` for node:net that refuses a name as soon as one of its addresses is forbidden, on every connection, so
 * that a name cannot change its address between check and use. Loopback, where allowed, is for `localhost` alone:
 * no other name may lead there, and `localhost` may lead nowhere else. Node does not call it for literal addresses;
 * `refusalOfHost` covers those.
 */
export const guardedLookup = (
  options: GuardOptions & { resolve?: Resolve | undefined } = {},
): LookupFunction => {
  const resolve = options.resolve ?? resolveWithSystem;
  const isAllowed = (hostname: string, address: string): boolean =>
    isLoopbackHost(hostname)
      ? options.allowLoopback === true && isLoopbackAddress(address)
      : !isForbiddenAddress(address);

  const check = async (hostname: string): Promise<[LookupAddress, ...LookupAddress[]]> => {
    const [first, ...others] = await resolve(hostname);
    if (first === undefined) throw Object.assign(new Error("no address"), { code: "ENOTFOUND", hostname });
    const refused = [first, ...others].find(({ address }) => !isAllowed(hostname, address));
    if (refused) throw new AddressRefused(`${hostname} leads to a private or reserved address`);
    return [first, ...others];
  };

  return (hostname, { all, family }, callback) => {
    check(hostname).then(
      ([first, ...others]) => {
        const wanted = family === 4 || family === "IPv4" ? 4 : family === 6 || family === "IPv6" ? 6 : 0;
        const fitting = [first, ...others].filter((one) => wanted === 0 || one.family === wanted);
        if (all === true) callback(null, fitting);
        else callback(null, (fitting[0] ?? first).address, (fitting[0] ?? first).family);
      },
      (error: NodeJS.ErrnoException) => callback(error, "", 0),
    );
  };
};
