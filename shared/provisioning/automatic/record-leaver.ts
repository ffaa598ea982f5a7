import type { SavedUser } from "../../model/directory.ts";
import { recordLeaving } from "../calls/record-leaving.ts";
import type { Ports } from "../ports/ports.ts";
import { automaticCall } from "./automatic-call.ts";

const recordMs = 20_000;

/** The call that deleted a user may have died before all that it wanted was on record, and nobody else knows of it. */
export const recordLeaver = async (
  ports: Ports,
  userId: string,
  { asked }: Pick<SavedUser, "asked">,
): Promise<void> => {
  const call = automaticCall(ports, asked, { until: ports.clock.now() + recordMs });
  await recordLeaving({ ports, call }, userId);
};
