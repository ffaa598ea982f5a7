import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/** The ports of a local run; 0 takes any free one. */
export type Ports = { port: number; dynamodbPort: number; secretsPort: number; sandboxPort: number };
/** Those that stay the same for a data folder. */
export type KeptPorts = Partial<Omit<Ports, "port">>;

const settings = {
  port: { name: "USHER_PORT", of: "the API" },
  dynamodbPort: { name: "USHER_DYNAMODB_PORT", of: "the DynamoDB endpoint" },
  secretsPort: { name: "USHER_SECRETS_PORT", of: "the Secrets Manager endpoint" },
  sandboxPort: { name: "USHER_SANDBOX_PORT", of: "the sandbox's service provider" },
};

/**
 * The ports from the environment, else those that were kept, else the neighbours of USHER_PORT.
 *
 * @throws Error which names the setting
 */
export const readPorts = (environment: NodeJS.ProcessEnv, kept: KeptPorts = {}): Ports => {
  const read = ({ name }: { name: string }, fallback: number): number => {
    const text = environment[name];
    if (!text) return fallback;
    const port = Number(text);
    if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
    throw new Error(`${name} must be a port, 0 to 65535`);
  };
  const port = read(settings.port, 8787);
  const neighbour = (distance: number) => (port === 0 || port + distance > 65_535 ? 0 : port + distance);
  return {
    port,
    dynamodbPort: read(settings.dynamodbPort, kept.dynamodbPort ?? neighbour(1)),
    secretsPort: read(settings.secretsPort, kept.secretsPort ?? neighbour(2)),
    sandboxPort: read(settings.sandboxPort, kept.sandboxPort ?? neighbour(3)),
  };
};

/**
 * The same, where a port that nobody has set and that another program has gives way to any free one. The sandbox's does
 * not once it was kept: integrations send their token there.
 */
export const choosePorts = async (environment: NodeJS.ProcessEnv, kept: KeptPorts = {}): Promise<Ports> => {
  const ports = readPorts(environment, kept);
  for (const key of ["dynamodbPort", "secretsPort", "sandboxPort"] as const) {
    const mayMove = !environment[settings[key].name] && (key !== "sandboxPort" || kept[key] === undefined);
    if (mayMove && !(await isFree(ports[key]))) ports[key] = 0;
  }
  return ports;
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });

const keptPath = (dataDir: string): string => join(dataDir, "ports.json");

/** The ports of the last run over this data folder; none where it is new, or the file is not as it was written. */
export const readKeptPorts = (dataDir: string): KeptPorts => {
  try {
    const kept: unknown = JSON.parse(readFileSync(keptPath(dataDir), "utf8"));
    const isPort = (port: unknown) => Number.isInteger(port) && Number(port) > 0 && Number(port) <= 65_535;
    return Object.fromEntries(Object.entries(Object(kept)).filter(([, port]) => isPort(port)));
  } catch {
    return {};
  }
};

/** Keeps where the endpoints are now; one that is not running stays as it was kept. */
export const keepPorts = (dataDir: string, urls: Record<keyof KeptPorts, string | undefined>): void => {
  const taken = Object.entries(urls).flatMap(([key, url]) => (url ? [[key, Number(new URL(url).port)]] : []));
  const ports = { ...readKeptPorts(dataDir), ...Object.fromEntries(taken) };
  writeFileSync(keptPath(dataDir), `${JSON.stringify(ports)}\n`, { mode: 0o600 });
};

/** What to do about a port that another program has; undefined where the error is another one. */
export const explainTakenPort = (error: unknown, ports: Partial<Ports>): string | undefined => {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code !== "EADDRINUSE") return undefined;
  const [key] = Object.entries(ports).find(([, wanted]) => wanted === port) ?? ["port"];
  const { name, of } = settings[key as keyof Ports];
  return `port ${port}, for ${of}, is taken by another program. Set ${name} to another port, or end that program.`;
};
