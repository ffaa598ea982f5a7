/** Stands for what no call that can be rehearsed asks for. */
export const notRehearsed = (): never => {
  throw new Error("This is not part of any call that can be rehearsed.");
};
