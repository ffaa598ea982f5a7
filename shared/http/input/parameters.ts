import * as z from "zod";
import { groupIdSchema, userIdSchema } from "../../model/directory.ts";
import { holdIdSchema } from "../../model/hold.ts";
import { importJobIdSchema } from "../../model/import.ts";
import { integrationIdSchema } from "../../model/integration.ts";
import { sourceIdSchema, tokenIdSchema } from "../../model/source.ts";
import { syncIdSchema } from "../../model/sync.ts";

/** Path parameters. */
export const integrationParams = z.object({ integrationId: integrationIdSchema });
export const userParams = z.object({ userId: userIdSchema });
export const groupParams = z.object({ groupId: groupIdSchema });
export const integrationUserParams = z.object({ integrationId: integrationIdSchema, userId: userIdSchema });
export const holdParams = z.object({ integrationId: integrationIdSchema, holdId: holdIdSchema });
export const syncParams = z.object({ integrationId: integrationIdSchema, syncId: syncIdSchema });
export const importJobParams = z.object({ integrationId: integrationIdSchema, jobId: importJobIdSchema });
export const sourceParams = z.object({ sourceId: sourceIdSchema });
export const sourceTokenParams = z.object({ sourceId: sourceIdSchema, tokenId: tokenIdSchema });
export const integrationGroupParams = z.object({
  integrationId: integrationIdSchema,
  groupId: groupIdSchema,
});

/** Of a call that declares no query parameters, and of one that declares no body. */
export const noQuery = z.strictObject({});
export const noBody = z.strictObject({}).optional();

/** A count in decimal digits: `0x10`, `1e3`, `+5`, `055`, blanks and an empty text are none. */
const count = <S extends z.ZodType>(schema: S) =>
  z.preprocess(
    (text) => (typeof text === "string" && /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text),
    schema,
  );

/** Query parameters of every list: spread into the strict object of the list's own. */
export const pageQuery = {
  limit: count(z.int("is no number in decimal digits").min(1).max(500).default(50)),
  cursor: z
    .string()
    .min(1)
    .max(4096)
    .exactOptional()
    .meta({ description: "`nextCursor` of the page before; opaque." }),
};

/** `?q=` of lists that are filtered by the beginning of a text. */
export const beginningQuery = z.string().min(1).max(256).exactOptional();

/** `?dryRun=true` of calls that change users, groups or members. */
export const dryRunQuery = {
  dryRun: z
    .enum(["true", "false"], "is true or false")
    .transform((text) => text === "true")
    .exactOptional()
    .meta({ description: "Tell what the call would do and send; nothing is saved and nothing sent." }),
};

/** `?confirm=COUNT` of calls that may take many users away. */
export const confirmQuery = {
  confirm: count(z.int("is no number in decimal digits").min(0)).exactOptional().meta({
    description: "The count of a `deprovisions-held` answer: proceed if it is what the call takes away.",
  }),
};

/** One page of a list, as it is answered. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional() });
