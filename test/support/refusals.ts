import { expect } from "vitest";
import { everyEventOf, newId, type Usher } from "./steps.ts";

/** The call is refused with this problem document, tells nothing from inside, and leaves no event. */
export const refusing =
  (usher: Usher) =>
  async (
    method: string,
    path: string,
    body: unknown,
    wanted: { status: number; code: string; errors?: string[] },
    headers: Record<string, string> = {},
  ): Promise<void> => {
    const correlation = newId("bad-input");
    const answer = await usher.call(method, path, body, { "x-correlation-id": correlation, ...headers });
    expect(answer.status).toBe(wanted.status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.body).toMatchObject({
      type: expect.any(String),
      title: expect.any(String),
      detail: expect.any(String),
      status: wanted.status,
      code: wanted.code,
    });
    expect(answer.body).not.toHaveProperty("eventId");
    expect(answer.text).not.toMatch(/\bat .+\.ts:|node_modules|ZodError|Error:/);
    if (wanted.errors) {
      const errors = answer.body.errors as { path: string; message: string }[];
      expect([...new Set(errors.map(({ path: at }) => at))].toSorted()).toEqual(wanted.errors.toSorted());
      for (const { message } of errors) expect(message).not.toBe("");
    }
    expect(await everyEventOf(usher, `correlationId=${correlation}`)).toEqual([]);
  };

/** A 400 that names each bad field. */
export const invalid = (...errors: string[]) => ({ status: 400, code: "invalid-input", errors });
