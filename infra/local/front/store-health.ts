import { toResult } from "../../../shared/http/lambda.ts";
import { problemAnswer } from "../../../shared/http/problem.ts";
import { Failure } from "../../../shared/model/failure.ts";
import type { RoutedFunction } from "./find-route.ts";

/** The functions, of which `GET /health` answers 503 `store-unavailable` while `trouble` tells of some. */
export const withStoreHealth = (
  functions: readonly RoutedFunction[],
  trouble: () => Promise<string | undefined>,
): RoutedFunction[] =>
  functions.map(({ endpoint, handler }) => {
    if (endpoint.name !== "health") return { endpoint, handler };
    return {
      endpoint,
      handler: async (event, context) => {
        // The console names the file; everybody may ask for the health.
        if ((await trouble()) === undefined) return handler(event, context);
        return toResult(
          problemAnswer(
            new Failure(
              "store-unavailable",
              "The store cannot write or read. The console of Usher says why.",
              {
                retryAfterSeconds: 5,
              },
            ),
          ),
        );
      },
    };
  });
