import * as z from "zod";
import type { Behaviour } from "./overrides.ts";

export const profileNames = [
  "generic",
  "strongdm",
  "aws-identity-center",
  "slack",
  "github-emu",
  "gitlab",
] as const;
export const profileSchema = z.enum(profileNames).meta({ description: "The service provider's profile." });
export type ProfileName = z.infer<typeof profileSchema>;

export const regionSchema = z
  .enum(["us", "uk", "eu"])
  .meta({ description: "Of profile strongdm: its region, instead of a base URL." });
export type Region = z.infer<typeof regionSchema>;

/** How one service provider differs from RFC 7644. Data only: no profile has code. */
export type Profile = Omit<Behaviour, "userAgent" | "rateLimit"> &
  Partial<Pick<Behaviour, "userAgent" | "rateLimit">> & {
    name: ProfileName;
    title: string;
    /** Used where the integration names none; without it a base URL is required. */
    baseUrl?: string;
    /** Base URLs of the regions, where the provider has such. */
    regions?: Record<Region, string>;
    /** What a base URL looks like there, as a regular expression, and in words for who gave another one. */
    baseUrlShape?: { pattern: string; hint: string };
    /** Shown to the admin at activation. */
    warnings: string[];
  };

/** What the provider said of itself at activation (RFC 7643 §5); a field that it left out is not known. */
export const capabilitiesSchema = z
  .object({
    groups: z.boolean(),
    patch: z.boolean(),
    filter: z.boolean(),
    etag: z.boolean().optional(),
    maxResults: z.number().int().optional(),
    paging: z.enum(["index", "cursor"]).optional(),
  })
  .meta({ id: "Capabilities", description: "What the service provider says that it can do." });
export type Capabilities = z.infer<typeof capabilitiesSchema>;
