import * as z from "zod";
import { defineEndpoint } from "../shared/http/endpoint.ts";
import { integrationParams, pageOf, pageQuery } from "../shared/http/input/parameters.ts";
import { lambda } from "../shared/http/lambda.ts";
import { listImportJobs } from "../shared/imports/list-import-jobs.ts";
import { importJobSchema } from "../shared/model/import.ts";
import { statePorts } from "../shared/runtime/services.ts";
import { jobReads } from "./state-access.ts";

/** Lists the scans and imports of an integration, the latest first. */
export const endpoint = defineEndpoint({
  name: "list-import-jobs",
  method: "GET",
  path: "/integrations/{integrationId}/import/jobs",
  role: "read",
  summary: "List the scans and imports of an integration",
  access: { state: jobReads },
  params: integrationParams,
  query: z.strictObject(pageQuery),
  answers: { 200: { description: "One page of jobs.", schema: pageOf(importJobSchema) } },
  failures: ["not-found"],
  handle: async ({ params, query }) => ({
    status: 200,
    body: await listImportJobs(statePorts, params.integrationId, query),
  }),
});

export const handler = lambda(endpoint);
