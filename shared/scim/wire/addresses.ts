import { BlockList, isIP } from "node:net";

/** What no service provider on the public internet can have (IANA special-purpose registries, RFC 6890). */
const forbiddenV4: readonly [network: string, prefix: number][] = [
  ["0.0.0.0", 8], // "this network", unspecified
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // carrier-grade NAT
  ["127.0.0.0", 8], // loopback
  ["168.63.129.16", 32], // Azure's host endpoint
  ["169.254.0.0", 16], // link-local; instance metadata of most clouds
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // 6to4 relays, withdrawn
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, broadcast
];

/**
 * Inside 2000::/3, the only global unicast space; all else (::1, fc00::/7 with fd00:ec2::254, fe80::/10, ff00::/8) is
 * out.
 */
const forbiddenV6: readonly [network: string, prefix: number][] = [
  ["2001::", 23], // protocol assignments, Teredo
  ["2001:db8::", 32], // documentation
  ["3fff::", 20], // documentation
];

const listOf = (v4: readonly [string, number][], v6: readonly [string, number][]): BlockList => {
  const list = new BlockList();
  for (const [network, prefix] of v4) list.addSubnet(network, prefix, "ipv4");
  for (const [network, prefix] of v6) list.addSubnet(network, prefix, "ipv6");
  return list;
};
const forbidden = listOf(forbiddenV4, forbiddenV6);
const loopback = listOf([["127.0.0.0", 8]], [["::1", 128]]);
const globalUnicast = listOf([], [["2000::", 3]]);

/** The eight groups of an IPv6 address; `::` stands for as many zeros as are missing, a dotted end for two groups. */
const groupsOf = (address: string): number[] => {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const [, a, b, c, d] = (dotted ?? []).map(Number);
  const hex = (high = 0, low = 0): string => ((high << 8) | low).toString(16);
  const text = dotted ? `${address.slice(0, dotted.index)}${hex(a, b)}:${hex(c, d)}` : address;
  const [head = "", tail] = text.split("::");
  const parse = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((g) => Number.parseInt(g, 16));
  const [left, right] = [parse(head), parse(tail ?? "")];
  return [...left, ...new Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right];
};

/** The IPv4 address that an IPv6 one leads to: v4-mapped ::ffff:0:0/96, NAT64 64:ff9b::/96, 6to4 2002::/16. */
const embeddedV4 = (address: string): string | undefined => {
  const groups = groupsOf(address);
  const dotted = (high = 0, low = 0): string => [high >> 8, high & 255, low >> 8, low & 255].join(".");
  if (groups[0] === 0x2002) return dotted(groups[1], groups[2]);
  const prefix = groups.slice(0, 6).join(":");
  return ["0:0:0:0:0:65535", "100:65435:0:0:0:0"].includes(prefix) ? dotted(groups[6], groups[7]) : undefined;
};

/** An IPv6 zone (`fe80::1%eth0`) is no part of the address. */
const withoutZone = (address: string): string => address.split("%")[0] ?? "";

/** True for 127.0.0.0/8, ::1 and the v4-mapped form of the former. */
export const isLoopbackAddress = (address: string): boolean => {
  const bare = withoutZone(address);
  const family = isIP(bare);
  return family !== 0 && loopback.check(bare, family === 6 ? "ipv6" : "ipv4");
};

/** True where `address` is no place on the public internet, or no IP address at all. */
export const isForbiddenAddress = (address: string): boolean => {
  const bare = withoutZone(address);
  const family = isIP(bare);
  if (family === 0) return true;
  if (family === 4) return forbidden.check(bare, "ipv4");
  const v4 = embeddedV4(bare);
  if (v4 !== undefined) return forbidden.check(v4, "ipv4");
  return !globalUnicast.check(bare, "ipv6") || forbidden.check(bare, "ipv6");
};
