import { omit } from "../../common/objects.ts";
import type { Integration } from "../../model/integration.ts";
import type { Streak } from "../../model/standing.ts";
import { addFailure, type CountedFailure, isOfProvider, quarantine } from "../attempts/quarantine.ts";
import { changeStanding } from "../attempts/standing.ts";
import type { Ports } from "../ports/ports.ts";

/** The failures in a row that one worker meets, those of workers before it included. */
export type FailureCount = {
  /** One more. The first is put on record at once, and so is the one with which the quarantine begins. */
  add(failure: CountedFailure, reason: string): Promise<void>;
  /** Something was taken: whether anything had failed before. */
  end(): boolean;
  /** Nothing is left that has failed. */
  forget(): Promise<void>;
  /** Whether the provider fails whatever it is sent: nothing more is begun. */
  isOver(): boolean;
  /** Put on record what has been counted since. */
  keep(): Promise<void>;
};

export const openFailureCount = (ports: Ports, integration: Integration): FailureCount => {
  const { integrationId } = integration;
  let streak: Streak | undefined = integration.standing?.streak;
  let kept = streak;
  let isOver = false;

  const write = async (): Promise<void> => {
    const counted = streak;
    if (counted === kept) return;
    kept = counted;
    await changeStanding(ports, integrationId, (now) =>
      counted ? { ...now, streak: counted } : now.streak ? omit(now, "streak") : undefined,
    );
  };

  return {
    async add(failure, reason) {
      streak = addFailure(streak, failure);
      if (isOver || integration.standing?.quarantine) return;
      isOver = isOfProvider(streak);
      if (isOver) {
        kept = streak;
        await quarantine({ ports, integration }, streak, reason);
      } else if (!kept) await write();
    },
    end() {
      const hadFailed = streak !== undefined;
      streak = undefined;
      kept = undefined;
      return hadFailed;
    },
    async forget() {
      streak = undefined;
      await write();
    },
    isOver: () => isOver,
    keep: write,
  };
};
