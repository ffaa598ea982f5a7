import type { Call } from "../ports/ports.ts";

export type SharedCall = { call: Call; end(): void };

/** A call with several at work for it: once one of them meets what concerns all, none of them begins anything more. */
export const shareCall = (call: Call): SharedCall => {
  let isOver = false;
  const shared: Call = {
    ...call,
    get sendUntil() {
      return isOver ? 0 : call.sendUntil;
    },
  };
  return {
    call: shared,
    end() {
      isOver = true;
    },
  };
};
