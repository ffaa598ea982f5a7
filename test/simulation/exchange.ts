import type { Exchange, HttpAnswer } from "../../shared/scim/wire/transport.ts";
import { TransportFailure } from "../../shared/scim/wire/transport-failure.ts";
import type { ProviderRequest } from "../providers/front.ts";
import { callers } from "./caller.ts";
import { slowMs, waitOf } from "./delays.ts";
import { isKnown } from "./known.ts";
import { noteWrite } from "./ledger.ts";
import { type Ending, endsAfter, endsBefore, toHttpAnswer, toProviderRequest } from "./network.ts";
import type { Process } from "./process.ts";
import { checkKept, heldNow } from "./watch-kept.ts";
import type { World } from "./world.ts";

/** Most answers of a provider come within so many milliseconds. */
const networkMs = 400;

/** The exchange of a process: what the transport is to the real one. */
export const exchangeOf =
  (world: World, own: () => Process): Exchange =>
  (request) => {
    const process = own();
    const caller = callers.getStore();
    const { scheduler, provider } = world;
    const inner = toProviderRequest(request, provider.basePath);
    const what = `${inner.method} ${inner.path}`;
    const planned = caller?.nextNetworkFault();
    const chosen = planned && !world.isCalm && !isKnown("network", planned, what) ? planned : undefined;
    const fault = chosen ?? (isRefused(world, inner) ? "403" : undefined);
    if (fault) world.met.push(`${caller?.id}: ${fault} at ${what}`);
    world.watch.noteRequest(process, caller, what);

    return new Promise<HttpAnswer>((resolve, reject) => {
      let isOver = false;
      // As the transport does, whatever the provider makes of the request after that.
      scheduler.after(request.timeoutMs, process, () => {
        isOver = true;
        reject(new TransportFailure("timeout", `no answer within ${request.timeoutMs} ms`));
      });
      const end = (ending: Ending): void => {
        const told =
          typeof ending === "string" || "trouble" in ending ? JSON.stringify(ending) : ending.status;
        world.trace(
          process.name,
          `${caller?.id ?? ""} ${what}: ${fault ?? ""} ${told}${isOver ? ", too late" : ""}`,
        );
        if (ending === "silence") return;
        if ("trouble" in ending) reject(new TransportFailure(ending.trouble, "the connection broke off"));
        else resolve(ending);
      };
      const atProvider = async (): Promise<void> => {
        const answer = await provider.inner.handle(inner);
        const at = { time: scheduler.now(), caller: caller?.id ?? "" };
        const entry = await noteWrite(world.ledger, provider, inner, answer, at);
        if (entry && !isOver && process.isAlive) await checkKept(world, entry, kept);
        if (fault === "death-after") return process.die();
        if (!process.isAlive) return;
        const after = fault && endsAfter[fault];
        if (entry) entry.isDelivered = !after && !isOver;
        end(after ? after(toHttpAnswer(answer)) : toHttpAnswer(answer));
      };
      const kept = heldNow(world);
      const before = fault && endsBefore[fault];
      const ms = waitOf(caller, networkMs) + (fault === "drip" ? slowMs : 0);
      // What a dead process had sent by then arrives all the same, every other time.
      const isSent = caller?.chance.isTrue(0.5) ?? false;
      const arrive = () => void atProvider().catch(reject);
      if (fault === "death-before") scheduler.after(ms, process, process.die);
      else if (before) scheduler.after(ms, process, () => end(before(scheduler.now())));
      else scheduler.after(ms, process, arrive, isSent ? arrive : undefined);
    });
  };

/** Nothing of one user is accepted. */
const isRefused = (
  { poison, isCalm, memory, integrationId }: World,
  { method, path, body }: ProviderRequest,
): boolean => {
  if (poison?.kind !== "refused" || isCalm || method === "GET") return false;
  const { remoteId } = memory.userLinks.get(`${poison.userId}#${integrationId}`)?.observed ?? {};
  return body.includes(`"${poison.email}"`) || (remoteId !== undefined && path === `/Users/${remoteId}`);
};
