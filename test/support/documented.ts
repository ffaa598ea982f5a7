import document from "../../docs/openapi.json" with { type: "json" };

type Answers = Record<string, unknown>;
const documentPaths = document.paths as Record<string, Record<string, { responses: Answers }>>;
const shared = document.components.responses as Answers;

const codesIn = (answer: unknown): string[] => {
  const { $ref, content } = answer as {
    $ref?: string;
    content?: Record<string, { schema: { allOf: [unknown, { properties: { code: { enum: string[] } } }] } }>;
  };
  if ($ref !== undefined) return codesIn(shared[$ref.slice($ref.lastIndexOf("/") + 1)]);
  return content?.["application/problem+json"]?.schema.allOf[1].properties.code.enum ?? [];
};

const isOf = (template: string, path: string): boolean => {
  const [wanted, given] = [template.split("/"), path.split("/")];
  return (
    wanted.length === given.length &&
    wanted.every((part, at) => (part.startsWith("{") ? given[at] !== "" : part === given[at]))
  );
};

/**
 * Why the answer is not one that the OpenAPI document has for this call; undefined where it is, or no call has the
 * path.
 */
export const undocumented = (
  { method, path }: { method: string; path: string },
  status: number,
  code: unknown,
): string | undefined => {
  const [bare = ""] = path.split("?");
  const template = Object.keys(documentPaths).find(
    (one) => isOf(one, bare) && documentPaths[one]?.[method.toLowerCase()],
  );
  const answers = template && documentPaths[template]?.[method.toLowerCase()]?.responses;
  if (!answers) return undefined;
  const answer = answers[status];
  if (answer !== undefined && (status < 400 || codesIn(answer).includes(String(code)))) return undefined;
  return `${method} ${template} answered ${status} ${code}, which the OpenAPI document does not have`;
};
