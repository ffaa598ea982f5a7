import type { IConfiguration, IForbiddenRuleType } from "dependency-cruiser";

/**
 * The house in rooms: which folder may import from which. `npm run rooms`, a part of `npm run check`, refuses a folder
 * and an import that are not listed here. Lower rooms come first, so the list reads in the direction of the imports.
 */

/** `room: "others"` below `folder`; "." is the folder itself, and a name with a leading slash starts at the top. */
const wing = (folder: string, list: Record<string, string>): [string, string[]][] =>
  Object.entries(list).map(([room, others]) => [
    room === "." ? folder : `${folder}/${room}`,
    others
      .split(" ")
      .filter(Boolean)
      .map((name) => (name.startsWith("/") ? name.slice(1) : name === "." ? folder : `${folder}/${name}`)),
  ]);

/** Each room with the rooms that it may import from; every one may import from itself. */
export const rooms: Record<string, string[]> = Object.fromEntries([
  ...wing("shared", {
    model: "",
    memory: "common model provisioning/ports",
    common: "model",
    mapping: "common model",
    audit: "model provisioning/ports",
    telemetry: "audit model provisioning/ports",
    directory: "audit common model mapping provisioning/ports",
    integrations: "common model mapping provisioning/attempts provisioning/ports",
    rehearsal: "common memory model provisioning/automatic provisioning/ports scim/messages scim/wire",
    jobs: "common model provisioning/attempts provisioning/ports",
    verification:
      "common model mapping provisioning/accounts provisioning/assignments provisioning/attempts provisioning/automatic provisioning/groups provisioning/guard provisioning/memberships provisioning/ports provisioning/remote-groups provisioning/users",
    syncs:
      "common jobs model mapping provisioning/assignments provisioning/attempts provisioning/automatic provisioning/calls provisioning/groups provisioning/guard provisioning/holds provisioning/memberships provisioning/ports provisioning/users rehearsal verification",
    sources: "audit common directory mapping model provisioning/ports",
    imports:
      "common directory jobs model mapping provisioning/accounts provisioning/assignments provisioning/attempts provisioning/ports provisioning/users verification",
  }),
  ...wing("shared/provisioning", {
    ports: "/shared/common /shared/model",
    assignments: "/shared/common /shared/model attempts ports",
    attempts: "/shared/common /shared/model /shared/audit /shared/mapping ports",
    guard: "/shared/common /shared/model assignments memberships ports",
    holds: "/shared/common /shared/model assignments attempts guard ports",
    memberships: "/shared/common /shared/model /shared/mapping assignments attempts ports",
    accounts: "/shared/common /shared/model /shared/mapping attempts memberships ports",
    users: "/shared/common /shared/model /shared/mapping accounts assignments attempts memberships ports",
    "remote-groups": "/shared/common /shared/model /shared/mapping attempts memberships ports",
    groups:
      "/shared/common /shared/model /shared/mapping accounts assignments attempts guard holds memberships ports remote-groups users",
    automatic:
      "/shared/common /shared/model /shared/directory assignments attempts calls groups guard holds memberships ports users",
    calls:
      "/shared/common /shared/model /shared/directory /shared/integrations assignments attempts groups guard holds memberships ports users",
    status: "/shared/common /shared/model /shared/directory assignments attempts memberships ports users",
    overview: "/shared/common /shared/model /shared/integrations attempts automatic memberships ports users",
    watch: "/shared/common /shared/model overview ports",
  }),
  ...wing("shared/scim", {
    wire: "/shared/common /shared/model",
    rate: "/shared/common /shared/model",
    messages: "/shared/common /shared/model /shared/mapping /shared/provisioning/ports wire",
    exchange: "/shared/common /shared/model /shared/provisioning/ports messages rate wire",
    auth: "/shared/common /shared/model /shared/mapping /shared/provisioning/ports exchange messages wire",
    lookup: "/shared/common /shared/model /shared/mapping /shared/provisioning/ports exchange messages",
    changes: "/shared/common /shared/model /shared/mapping /shared/provisioning/ports exchange messages wire",
    profiles: "/shared/common /shared/model /shared/mapping /shared/provisioning/ports exchange messages",
    ".": "/shared/common /shared/model /shared/mapping /shared/provisioning/ports auth changes exchange lookup messages profiles rate wire",
  }),
  // The other side of the protocol: what identity providers ask of us. Pure.
  ...wing("shared/scim-server", {
    errors: "/shared/common /shared/model",
    schemas: "/shared/common /shared/model /shared/mapping",
    filter: "/shared/common /shared/model errors schemas",
    resources: "/shared/common /shared/model errors schemas",
    patch: "/shared/common /shared/model errors filter resources schemas",
    messages: "/shared/common /shared/model errors filter resources schemas",
  }),
  // What identity providers ask of the directory.
  ...wing("shared/scim-in", {
    conversion: "/shared/common /shared/model /shared/mapping /shared/scim-server/errors /shared/sources",
    access:
      "/shared/model /shared/provisioning/ports /shared/scim-server/errors /shared/scim-server/messages /shared/sources",
    users:
      "/shared/common /shared/model /shared/mapping /shared/directory /shared/provisioning/ports /shared/scim-server/errors /shared/scim-server/messages /shared/scim-server/patch /shared/scim-server/resources /shared/scim-server/schemas /shared/sources access conversion",
    groups:
      "/shared/common /shared/model /shared/directory /shared/provisioning/ports /shared/scim-server/errors /shared/scim-server/messages /shared/scim-server/patch /shared/scim-server/resources /shared/scim-server/schemas /shared/sources access conversion",
    lists:
      "/shared/common /shared/model /shared/provisioning/ports /shared/scim-server/errors /shared/scim-server/filter /shared/scim-server/messages /shared/scim-server/schemas /shared/sources access conversion groups users",
    ".": "/shared/common /shared/model /shared/provisioning/ports /shared/scim-server/errors /shared/scim-server/messages /shared/scim-server/patch /shared/scim-server/schemas access groups lists users",
  }),
  ...wing("shared", { webhook: "provisioning/ports scim/wire" }),
  ...wing("shared/http", {
    input: "/shared/common /shared/model /shared/mapping /shared/scim/profiles /shared/scim/wire",
    ".": "/shared/common /shared/model /shared/provisioning/ports /shared/rehearsal /shared/telemetry input",
    openapi: "/shared/common /shared/model .",
    scim: "/shared/common /shared/model /shared/provisioning/ports /shared/scim-in /shared/scim-in/access /shared/scim-server/errors /shared/scim-server/messages /shared/sources /shared/telemetry .",
  }),
  ...wing("shared/aws", {
    table: "/shared/common /shared/model /shared/provisioning/ports",
    adoption: "/shared/http /shared/telemetry table",
    secrets: "/shared/common /shared/model /shared/provisioning/ports table",
    directory: "/shared/common /shared/model /shared/provisioning/ports table",
    sources: "/shared/common /shared/model /shared/provisioning/ports table",
    events: "/shared/common /shared/model /shared/provisioning/ports table",
    links: "/shared/common /shared/model /shared/provisioning/ports directory table",
    ".": "/shared/common /shared/model /shared/http /shared/provisioning/ports /shared/scim/rate directory links table",
  }),
  // The only room that knows AWS, SCIM and HTTP together.
  ...wing("shared/runtime", {
    ".": "/shared/common /shared/model /shared/aws /shared/aws/directory /shared/aws/events /shared/aws/links /shared/aws/secrets /shared/aws/sources /shared/aws/table /shared/http /shared/provisioning/ports /shared/rehearsal /shared/scim /shared/scim/profiles /shared/telemetry /shared/webhook",
  }),
  ...wing("functions", {
    ".": "/docs /shared/aws/adoption /shared/aws/events /shared/aws/table /shared/common /shared/model /shared/directory /shared/imports /shared/integrations /shared/jobs /shared/syncs /shared/provisioning/automatic /shared/provisioning/calls /shared/provisioning/holds /shared/provisioning/overview /shared/provisioning/status /shared/provisioning/watch /shared/sources /shared/verification /shared/http /shared/http/input /shared/http/openapi /shared/http/scim /shared/runtime /shared/telemetry",
  }),
  ...wing("infra", {
    ".": "/functions /shared/aws/adoption /shared/aws/table /shared/common /shared/http /shared/http/openapi /shared/model /shared/scim/wire /shared/telemetry",
    "local/signing": "",
    "local/data-file": "local/signing",
    "local/rows": "local/signing",
    "local/upgrade": "local/data-file local/rows",
    "local/dynamodb": "/shared/aws/table local/data-file local/rows local/signing local/upgrade",
    "local/secrets": "local/data-file local/signing",
    "local/backup": "local/data-file local/rows local/secrets",
    "local/in-process": "local/signing",
    "local/front":
      "/shared/model /shared/http /shared/http/input /shared/http/scim /shared/scim-server/messages /shared/telemetry",
    local:
      "/functions /shared/common /shared/integrations /shared/model /shared/provisioning/ports /shared/aws/links /shared/aws/secrets /shared/aws/table /shared/runtime /shared/scim/wire local/backup local/dynamodb local/front local/in-process local/secrets local/signing sandbox",
    sandbox: "local/data-file local/front",
    smoke: "",
    demo: "/shared/common /shared/model /shared/aws/events /shared/aws/table local local/signing sandbox",
  }),
]);

/** Packages that belong to some rooms alone, the rooms below them included. */
export const packages: Record<string, string[]> = {
  "@aws-lambda-powertools": ["shared/telemetry"],
  "@aws-sdk": ["shared/aws", "shared/runtime", "infra"],
  "@middy": ["shared/http"],
  "@smithy": ["infra/smoke"],
  "aws-cdk-lib": ["infra"],
  "cdk-nag": ["infra"],
  constructs: ["infra"],
  dynalite: ["infra/local/dynamodb", "infra/local/rows", "infra/local/upgrade"],
  express: ["infra/sandbox"],
  "prom-client": ["infra/local"],
  scimmy: ["infra/sandbox"],
  "scimmy-routers": ["infra/sandbox"],
  zod: ["functions", "infra", "shared/http", "shared/model", "shared/runtime"],
  // What reaches the network is guarded in one place.
  http: ["infra", "shared/scim/wire"],
  https: ["infra", "shared/scim/wire"],
  net: ["infra", "shared/scim/wire"],
  dns: ["shared/scim/wire"],
  tls: ["shared/scim/wire"],
};

const sources = "^(docs|functions|infra|shared|test)/";
const filesOf = (room: string) => `^${room}/[^/]+$`;

const config: IConfiguration & Required<Pick<IConfiguration, "forbidden" | "options">> = {
  forbidden: [
    { name: "no-circle-of-files", severity: "error", from: {}, to: { circular: true } },
    { name: "no-circle-of-rooms", severity: "error", scope: "folder", from: {}, to: { circular: true } },
    {
      name: "no-unknown-room",
      severity: "error",
      comment: "A new folder needs a line in rooms.config.ts.",
      from: { path: sources, pathNot: Object.keys(rooms).map(filesOf) },
      to: {},
    },
    ...Object.entries(rooms).map(
      ([room, others]): IForbiddenRuleType => ({
        name: room,
        severity: "error",
        comment: `${room} imports from ${others.join(", ") || "no other room"}.`,
        from: { path: filesOf(room) },
        to: { path: sources, pathNot: [room, ...others].map(filesOf) },
      }),
    ),
    ...Object.entries(packages).map(
      ([name, owners]): IForbiddenRuleType => ({
        name: `package ${name}`,
        severity: "error",
        comment: `${name} is imported in ${owners.join(", ")} alone.`,
        from: { path: sources, pathNot: owners.map((room) => `^${room}/`) },
        to: { path: `^(node_modules/)?${name}(/|$)` },
      }),
    ),
  ],
  options: { parser: "swc", doNotFollow: { path: "node_modules" } },
};

export default config;
