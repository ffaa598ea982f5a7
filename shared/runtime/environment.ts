import * as z from "zod";

const name = z.string().min(1);

/** Settings of a Lambda. A Lambda gets only those of what it may touch, so each is required when it is first used. */
const settings = {
  STATE_TABLE: name,
  EVENTS_TABLE: name,
  SECRET_PREFIX: name,
  GIVEN_SECRET_PREFIX: name,
  WORK_QUEUE_URL: name,
  IDEMPOTENCY_SECRET_ID: name,
  NOTIFY_TOPIC_ARN: name.optional(),
  /** Of a webhook: the address itself, or the secret that holds it. */
  NOTIFY_URL: name.optional(),
  NOTIFY_SECRET_ID: name.optional(),
  /** Where callers and identity providers reach this service, without a slash at the end. */
  USHER_PUBLIC_URL: z.url(),
  EVENT_RETENTION_DAYS: z.coerce.number().int().min(1).default(400),
  EVENT_SHARDS: z.coerce.number().int().min(1).default(1),
  USHER_ORGANIZATION: name.default("usher"),
  /** The stack's name, which every Lambda gets: the dimension `service` of its figures. */
  POWERTOOLS_SERVICE_NAME: name.default("usher"),
};

type Settings = { [K in keyof typeof settings]: z.infer<(typeof settings)[K]> };

/**
 * The value of a setting, parsed. Throws Error, which names the variable, where it is missing or not valid. No setting
 * loosens which targets may be called: only code does.
 */
export const setting = <K extends keyof Settings>(key: K): Settings[K] => {
  const parsed = settings[key].safeParse(process.env[key]);
  if (!parsed.success) throw new Error(`The environment variable ${key} is missing or not valid.`);
  return parsed.data as Settings[K];
};
