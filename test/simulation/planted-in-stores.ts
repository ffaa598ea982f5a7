import { omit } from "../../shared/common/objects.ts";
import type { IntegrationRow } from "../../shared/provisioning/ports/integration-store.ts";
import type { Defect } from "./world.ts";

/** Nobody holds an attempt alone: two processes work on the same user. */
export const letsTwoCreate: Defect = (ports) => {
  const free = <L extends { attempt?: unknown }>(link: L | undefined): L | undefined => {
    if (!link) return link;
    const { attempt: _, ...rest } = link;
    return rest as L;
  };
  return {
    ...ports,
    reads: {
      ...ports.reads,
      user: async (...key) => {
        const read = await ports.reads.user(...key);
        return { ...read, link: free(read.link) };
      },
    },
    userLinks: {
      ...ports.userLinks,
      read: async (key) => free(await ports.userLinks.read(key)),
      begin: async (key, rev, attempt, assignment) => {
        if (await ports.userLinks.begin(key, rev, attempt, assignment)) return true;
        return (await ports.userLinks.read(key))?.attempt !== undefined;
      },
      mark: async (key, attempt) => {
        await ports.userLinks.mark(key, attempt);
        return true;
      },
    },
  };
};

/** An event whose reply was lost is written again under a new id. */
export const writesTwice: Defect = (ports) => ({
  ...ports,
  events: {
    put: (record) =>
      ports.events.put(record).catch(async (error: unknown) => {
        const id = ports.newId(Date.parse(record.event.timestamp));
        await ports.events.put({ ...record, event: { ...record.event, id } });
        throw error;
      }),
  },
});

/** A change of a user does not see that the event of the one before may be missing. */
export const forgetsTheMark: Defect = (ports) => ({
  ...ports,
  users: {
    ...ports.users,
    async read(userId) {
      const saved = await ports.users.read(userId);
      return saved && omit(saved, "unrecorded");
    },
  },
});

/**
 * A lease ends while its holder is still at work: others take the attempt over, and the holder settles what is no
 * longer its own.
 */
export const settlesLate: Defect = (ports) => {
  const links = ports.userLinks;
  return {
    ...ports,
    userLinks: {
      ...links,
      begin: (key, rev, attempt, assignment) =>
        links.begin(key, rev, { ...attempt, leaseUntil: ports.clock.now() }, assignment),
      async settle(key, attempt, observed, then) {
        const settled = await links.settle(key, attempt, observed, then);
        if (settled) return settled;
        const link = await links.read(key);
        if (!link || link.attempt) return undefined;
        return (await links.note(key, link.rev, observed)) ? links.read(key) : undefined;
      },
    },
  };
};

/** Calls go on with credentials that were refused. */
export const goesOnRefused: Defect = (ports) => {
  const active = (row: IntegrationRow | undefined): IntegrationRow | undefined =>
    row?.integration?.status === "needs_reauth"
      ? { ...row, integration: { ...row.integration, status: "active" } }
      : row;
  return {
    ...ports,
    reads: {
      ...ports.reads,
      user: async (...key) => {
        const read = await ports.reads.user(...key);
        return { ...read, row: active(read.row) };
      },
      group: async (...key) => {
        const read = await ports.reads.group(...key);
        return { ...read, row: active(read.row) };
      },
    },
    integrations: { ...ports.integrations, read: async (id) => active(await ports.integrations.read(id)) },
  };
};

/** What the provider answers comes into an event with the secret that it echoes. */
export const leaksTheSecret: Defect = (ports) => {
  let secret = "";
  return {
    ...ports,
    secrets: {
      ...ports.secrets,
      read: async (...key) => {
        const stored = await ports.secrets.read(...key);
        if (stored?.credentials.type === "bearer") secret = stored.credentials.clientSecret;
        return stored;
      },
    },
    events: {
      put: (record) => {
        const { message_chain } = record.event;
        const told = { ...message_chain, message_details: [...message_chain.message_details, secret] };
        return ports.events.put({ ...record, event: { ...record.event, message_chain: told } });
      },
    },
  };
};
