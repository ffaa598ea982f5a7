import { shownName } from "../../common/shown-name.ts";
import { Failure } from "../../model/failure.ts";
import { invalidInput } from "./read-input.ts";

/**
 * Path parameters, URL-decoded. An HTTP API has decoded them already, other fronts have not; no id of this API
 * contains a percent sign, so decoding what is left of them is the same for both.
 */
export const decodeParams = (params: Record<string, string | undefined> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(params).map(([name, value = ""]) => [name, decodePart(value, `path.${name}`)]),
  );

/** Ids that the service makes: what does not look like one cannot exist, which is 404 and not 400. */
const serviceMade = ["integrationId", "eventId"];

/** Throws Failure `not-found` for an id of the service's own that it cannot have made. */
export const requirePossibleIds = (params: Record<string, string>): void => {
  for (const name of serviceMade) {
    const id = params[name];
    if (id !== undefined && !/^[A-Za-z0-9-]{1,64}$/.test(id)) {
      throw new Failure("not-found", `There is nothing of this ${name}.`);
    }
  }
};

/**
 * Query parameters from the raw query string: the gateway's own parsing joins repeated ones with commas, and a comma
 * may be part of a value. Throws Failure `invalid-input` for a repeated one and for malformed percent-encoding.
 */
export const readQuery = (rawQueryString: string): Record<string, string> => {
  const query: Record<string, string> = Object.create(null);
  for (const part of rawQueryString.split("&")) {
    if (part === "") continue;
    const [rawName = "", ...rest] = part.split("=");
    const name = decodePart(formSpaces(rawName), "query");
    if (name in query) throw invalidInput([{ path: `query.${shownName(name)}`, message: "is given twice" }]);
    query[name] = decodePart(formSpaces(rest.join("=")), `query.${shownName(name)}`);
  }
  return { ...query };
};

const formSpaces = (text: string): string => text.replaceAll("+", " ");

const decodePart = (text: string, path: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidInput([{ path, message: "has malformed percent-encoding" }]);
  }
};
