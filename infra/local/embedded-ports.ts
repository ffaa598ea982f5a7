import { createServer } from "node:net";

/** The ports of a local run; 0 takes any free one. */
export type Ports = { port: number; dynamodbPort: number; secretsPort: number };

const settings = {
  port: { name: "USHER_PORT", of: "the API" },
  dynamodbPort: { name: "USHER_DYNAMODB_PORT", of: "the DynamoDB endpoint" },
  secretsPort: { name: "USHER_SECRETS_PORT", of: "the Secrets Manager endpoint" },
};

/**
 * The ports from the environment. The two endpoints are at the neighbours of USHER_PORT unless they are set, so that
 * their addresses stay the same over restarts.
 *
 * @throws Error which names the setting
 */
export const readPorts = (environment: NodeJS.ProcessEnv): Ports => {
  const read = ({ name }: { name: string }, fallback: number): number => {
    const text = environment[name];
    if (text === undefined) return fallback;
    const port = Number(text);
    if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
    throw new Error(`${name} must be a port, 0 to 65535`);
  };
  const port = read(settings.port, 8787);
  const neighbour = (distance: number) => (port === 0 || port + distance > 65_535 ? 0 : port + distance);
  return {
    port,
    dynamodbPort: read(settings.dynamodbPort, neighbour(1)),
    secretsPort: read(settings.secretsPort, neighbour(2)),
  };
};

/**
 * The same, where a neighbour that nobody has set and that another program has gives way to any free port: nobody asked
 * for that very one.
 */
export const choosePorts = async (environment: NodeJS.ProcessEnv): Promise<Ports> => {
  const ports = readPorts(environment);
  for (const key of ["dynamodbPort", "secretsPort"] as const)
    if (environment[settings[key].name] === undefined && !(await isFree(ports[key]))) ports[key] = 0;
  return ports;
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });

/** What to do about a port that another program has; undefined where the error is another one. */
export const explainTakenPort = (error: unknown, ports: Ports): string | undefined => {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code !== "EADDRINUSE") return undefined;
  const [key] = Object.entries(ports).find(([, wanted]) => wanted === port) ?? ["port"];
  const { name, of } = settings[key as keyof Ports];
  return `port ${port}, for ${of}, is taken by another program. Set ${name} to another port, or end that program.`;
};
