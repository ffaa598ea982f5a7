import * as z from "zod";
import { groupIdSchema, userIdSchema } from "../../model/directory.ts";
import { integrationIdSchema } from "../../model/integration.ts";

/** Path parameters. */
export const integrationParams = z.object({ integrationId: integrationIdSchema });
export const userParams = z.object({ userId: userIdSchema });
export const integrationUserParams = z.object({ integrationId: integrationIdSchema, userId: userIdSchema });
export const integrationGroupParams = z.object({
  integrationId: integrationIdSchema,
  groupId: groupIdSchema,
});

/** Query parameters of every list: spread into the strict object of the list's own. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z
    .string()
    .min(1)
    .max(4096)
    .exactOptional()
    .meta({ description: "`nextCursor` of the page before; opaque." }),
};

/** `?confirm=COUNT` of calls that may take many users away. */
export const confirmQuery = {
  confirm: z.coerce
    .number()
    .int()
    .min(0)
    .exactOptional()
    .meta({ description: "The count of a `deprovisions-held` answer: proceed all the same." }),
};

/** One page of a list, as it is answered. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional() });
