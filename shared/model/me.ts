import * as z from "zod";
import { roles } from "./role.ts";

/** The caller, as the service knows it. */
export const meSchema = z
  .object({
    id: z.string().meta({ description: "As `initiated_by.id` in the caller's events." }),
    role: z.enum(roles).optional().meta({
      description:
        "Absent with AWS IAM: which policy lets a caller in is known to the gateway alone. Attached policies tell.",
    }),
    authMethod: z.enum(["iam", "jwt", "token"]).meta({
      description: "A signature of AWS, a JWT of the issuer, or a token of the local run.",
    }),
  })
  .meta({ id: "Me" });
export type Me = z.infer<typeof meSchema>;
