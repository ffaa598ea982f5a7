import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams, pageOf, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { listAccounts } from "../shared/imports/list-accounts.ts";
import { accountSorts, remoteAccountSchema } from "../shared/model/import.ts";
import { statePorts } from "../shared/runtime/services.ts";
import { accountReads } from "./state-access.ts";

/** Lists the accounts that the last scan has found, with whose each is; new ones first. */
export const endpoint = defineEndpoint({
  name: "list-import-users",
  method: "GET",
  path: "/integrations/{integrationId}/import/users",
  role: "read",
  summary: "List the accounts of a service provider",
  access: { state: accountReads },
  params: integrationParams,
  query: z.strictObject({
    show: z.enum(["new", "all"]).exactOptional().meta({
      description: "`new`: those alone whom nobody in the directory matches. `all`: by `sort` alone.",
    }),
    query: z.string().min(1).max(256).exactOptional().meta({
      description: "Accounts whose userName, name or address holds it; up to 20,000 accounts.",
    }),
    sort: z
      .enum(accountSorts)
      .exactOptional()
      .meta({ description: "Up to 20,000 accounts; without `show` new ones come first nevertheless." }),
    sortOrder: z.enum(["asc", "desc"]).exactOptional(),
    ...pageQuery,
  }),
  answers: {
    200: {
      description: "One page of accounts.",
      schema: pageOf(remoteAccountSchema).extend({ total: z.number().int(), scannedAt: z.string() }),
    },
  },
  failures: ["not-found", "integration-not-active"],
  handle: async ({ params, query }) => ({
    status: 200,
    body: await listAccounts(statePorts, params.integrationId, query),
  }),
});

export const handler = lambda(endpoint);
