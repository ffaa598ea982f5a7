import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { hostOf, type Network } from "./network.ts";

/**
 * Preloaded into the process of each Lambda: its DNS and its way out. A name resolves to the address that the network tells
 * of it, a public one for a service provider, and only once that address has passed whatever the bundle checks is the
 * connection led to this machine, as a NAT would. So the bundle under test has its outbound guard as it is on AWS, and no
 * setting of it is touched. Names and addresses that the network does not have are not reached.
 */
const network = JSON.parse(process.argv[2] ?? "{}") as Network;
const [ownHost = "", ownPort] = (process.env.AWS_LAMBDA_RUNTIME_API ?? "").split(":");

const refused = (code: string, what: string) => Object.assign(new Error(`${code} ${what}`), { code });

type Callback = (error: Error | null, address?: unknown, family?: number) => void;

const lookup = (name: string, options: unknown, then?: Callback): void => {
  const callback = (typeof options === "function" ? options : then) as Callback;
  const all = typeof options === "object" && options !== null && "all" in options && options.all === true;
  const host = hostOf(network, name);
  process.nextTick(() => {
    if (!host) callback(refused("ENOTFOUND", name));
    else if (all) callback(null, [{ address: host.address, family: 4 }]);
    else callback(null, host.address, 4);
  });
};
dns.lookup = lookup as typeof dns.lookup;
syncBuiltinESMExports();

const portBehind = new Map(Object.values(network).map(({ address, port }) => [address, port]));
const here = "127.0.0.1";

type Options = net.TcpNetConnectOpts;
const connect = net.Socket.prototype.connect;

/** The look-up that was asked for, and then the way to this machine. */
const translated = (options: Options, host: string, port: number): Options => {
  const asked = (options.lookup ?? dns.lookup) as typeof lookup;
  return {
    ...options,
    port,
    lookup: (name, how, callback) =>
      asked(name, how, (error, found) => {
        const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found];
        if (error) callback(error, "", 0);
        else if (addresses.some((address) => address !== host))
          callback(refused("EHOSTUNREACH", name), "", 0);
        else if (how.all) callback(null, [{ address: here, family: 4 }]);
        else callback(null, here, 4);
      }),
  };
};

net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]): net.Socket {
  // Node hands its own normalised arguments on as one array.
  const given = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  const options = given[0] as Options;
  const callback = given.find((one) => typeof one === "function");
  const again = (changed: Options) =>
    Reflect.apply(connect, this, callback ? [changed, callback] : [changed]) as net.Socket;
  if (options.host === ownHost && String(options.port) === ownPort) return again(options);
  const host = hostOf(network, options.host ?? "");
  const port = options.port === 443 && host ? portBehind.get(host.address) : undefined;
  if (host && port !== undefined) return again(translated(options, host.address, port));
  // What checks addresses is asked all the same; there is nothing behind them.
  const unreachable: Options = {
    ...options,
    lookup: (name, how, then) =>
      (options.lookup ?? dns.lookup)(
        name,
        how as never,
        ((error: Error | null) =>
          then((error as NodeJS.ErrnoException) ?? refused("EHOSTUNREACH", name), "", 0)) as never,
      ),
  };
  if (net.isIP(options.host ?? "") === 0) return again(unreachable);
  process.nextTick(() => this.destroy(refused("EHOSTUNREACH", String(options.host))));
  return this;
} as typeof connect;
