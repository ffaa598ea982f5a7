import * as z from "zod";
import { attentionSchema } from "./attention.ts";
import { integrationSchema } from "./integration.ts";
import { provisioningSchema } from "./provisioning.ts";

/** Answer of `GET /overview`. */
export const overviewSchema = z
  .object({
    integrations: z.array(
      integrationSchema
        .pick({ integrationId: true, application: true, status: true })
        .extend({ provisioning: provisioningSchema }),
    ),
    attention: z.array(attentionSchema).meta({ description: "The worst 50; `GET /attention` lists all." }),
  })
  .meta({ id: "Overview" });
export type Overview = z.infer<typeof overviewSchema>;
