import type { AttemptHistory } from "../model/link.ts";
import { waitUntilShown } from "../provisioning/attempts/fresh-creation.ts";
import type { Context } from "../provisioning/ports/ports.ts";

/** Read; one that was created a moment ago, and is not there, is read until it is shown or counts as gone. */
export const readPatiently = async <T>(
  { ports: { clock }, call: { sendUntil } }: Context,
  observed: AttemptHistory,
  read: () => Promise<T | undefined>,
): Promise<T | undefined> => {
  let shown = await read();
  if (shown !== undefined) return shown;
  await waitUntilShown(observed, { clock, sendUntil }, async () => {
    shown = await read();
    return shown;
  });
  return shown;
};
