/**
 * The network of a Lambda under test: which names there are, the address that DNS tells of each, and the port on this
 * machine that stands behind an address. What has no port is not reached, whatever asks for it.
 */
export type Network = Record<string, { address: string; port?: number }>;

/** The host of a name: the name itself, or the one of `*.rest`. */
export const hostOf = (network: Network, name: string): Network[string] | undefined =>
  network[name] ?? network[name.replace(/^[^.]+/, "*")];
