import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { importJobParams, pageOf, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { listImportRows } from "../shared/imports/import-jobs.ts";
import { importRowSchema } from "../shared/model/import.ts";
import { statePorts } from "../shared/runtime/services.ts";
import { jobReads } from "./state-access.ts";

/** Lists what became of each account of an import. */
export const endpoint = defineEndpoint({
  name: "list-import-rows",
  method: "GET",
  path: "/integrations/{integrationId}/import/jobs/{jobId}/rows",
  role: "read",
  summary: "List what became of the accounts of an import",
  access: { state: jobReads },
  params: importJobParams,
  query: z.strictObject(pageQuery),
  answers: { 200: { description: "One page of rows.", schema: pageOf(importRowSchema) } },
  failures: ["not-found"],
  handle: async ({ params, query }) => ({
    status: 200,
    body: await listImportRows(statePorts, params, query),
  }),
});

export const handler = lambda(endpoint);
