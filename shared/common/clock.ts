/**
 * Time and chance, passed in so that tests decide. `now` is in Unix ms, `sleep` takes ms, `random` is in [0, 1).
 */
export type Clock = { now(): number; sleep(ms: number): Promise<void>; random(): number };
