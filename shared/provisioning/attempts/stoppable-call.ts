import type { Call } from "../ports/ports.ts";

type StoppableCall = { call: Call; end(): void };

/** A call with several at work for it: once one of them meets what concerns all, none of them begins anything more. */
export const makeStoppable = (call: Call): StoppableCall => {
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
