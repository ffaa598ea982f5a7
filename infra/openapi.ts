import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endpoints } from "../functions/index.ts";
import { openApiDocument } from "../shared/http/openapi/openapi.ts";

/** `npm run openapi`: writes docs/openapi.json; with `--check` fails where it is not what would be written. */
const path = join(import.meta.dirname, "..", "docs", "openapi.json");
const text = `${JSON.stringify(openApiDocument(endpoints), null, 2)}\n`;

if (process.argv.includes("--check")) {
  if (readFileSync(path, "utf8") !== text) {
    console.error("docs/openapi.json is stale: run `npm run openapi` and commit it");
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, text);
}
