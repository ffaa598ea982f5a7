import { readAttribute } from "../../mapping/remote-attributes.ts";
import type { AttributeChange } from "../../model/attributes.ts";
import { ignoreAnyFailure } from "../../provisioning/ports/ignore-failure.ts";
import type { Changed } from "../../provisioning/ports/service-provider.ts";
import type { UpdateMethod } from "./update-method.ts";
import { otherWording, type Wording } from "./wording.ts";

export const isShutOut = ({ path, to }: AttributeChange): boolean => path === "active" && to === false;

type Steps = {
  /** How the deactivation was said. */
  said: Wording;
  /** What a read shows; undefined where the account is gone. */
  look(): Promise<Changed | undefined>;
  /** Says it the other way, after a read that shows the account active. */
  again(seen: Changed): Promise<Changed>;
};

/**
 * What became of a deactivation that was accepted. Shown as active, it has been said both ways: a read decides, since an
 * answer may be older than the account. Not shown, it is read, until a read has shown that accounts are shut out when it is
 * said so; one that is active then is told the other way. `active` stays unconfirmed only where a read shows it.
 * @throws ProviderFailure where the account was shown active and the last read fails
 */
export const seeShutOut = async (
  method: UpdateMethod,
  change: AttributeChange,
  done: Changed,
  { said, look, again }: Steps,
): Promise<Changed> => {
  const isOpen = ({ unconfirmed }: Changed) => unconfirmed.includes(change.path);
  const lookLast = async () => (await look()) ?? { unconfirmed: [] };
  if (isOpen(done)) return lookLast();
  const way = `${method.updates} ${said.plain}`;
  const isShown = done.shown && readAttribute(done.shown.resource, "active") === false;
  if (isShown || method.shutBy === way) return done;
  const seen = await look().catch(ignoreAnyFailure);
  if (!seen) return done;
  if (!isOpen(seen)) {
    method.shutBy = way;
    return done;
  }
  const second = await again(seen);
  if (!isOpen(second)) return second;
  const last = await lookLast();
  if (!isOpen(last)) method.wording = otherWording(said, [change]);
  return last;
};
