import { AwsError } from "../signing/aws-error.ts";

type HttpRequest = { headers: Record<string, string>; body?: string | Uint8Array };
type HttpResponse = { statusCode: number; headers: Record<string, string>; body: Uint8Array };

/**
 * What a client of the SDK takes to be answered by this process: its requests are written and its answers read as with
 * AWS, but they go to `call`, past signature, socket and HTTP.
 *
 * @param call gets the operation's name, e.g. `GetSecretValue`, and its input
 */
export const inProcessHandler = (call: (operation: string, input: unknown) => Promise<object>) => ({
  requestHandler: {
    handle: async ({ headers, body }: HttpRequest): Promise<{ response: HttpResponse }> => {
      const operation = headers["x-amz-target"]?.split(".").at(-1) ?? "";
      try {
        return { response: toResponse(200, await call(operation, JSON.parse(textOf(body)))) };
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return { response: toResponse(error.status, error.body) };
      }
    },
  },
  signer: { sign: async <R>(request: R): Promise<R> => request },
});

const textOf = (body: string | Uint8Array = "{}"): string =>
  typeof body === "string" ? body : new TextDecoder().decode(body);

const toResponse = (statusCode: number, body: object): HttpResponse => ({
  statusCode,
  headers: { "content-type": "application/x-amz-json-1.1" },
  body: Buffer.from(JSON.stringify(body)),
});
