import { Stream } from "node:stream";
import type { DynaliteLevel, Range } from "dynalite/store";

/**
 * The values in a range of keys, in the form that dynalite reads: `data` for each, then `end`. Whatever throws,
 * a listener included, comes back as `error`. `destroy` ends the reading early.
 */
export function readRange(db: DynaliteLevel, range: Range): Stream {
  return emitAll(async function* () {
    const values = db.values(range);
    try {
      for (let chunk = await values.nextv(64); chunk.length > 0; chunk = await values.nextv(64)) yield chunk;
    } finally {
      await values.close();
    }
  });
}

/** The names of all tables, in the same form. */
export function readTableNames(db: DynaliteLevel): Stream {
  return emitAll(async function* () {
    for await (const key of db.keys({ gte: "table~", lt: "table~~" })) yield [key.slice("table~".length)];
  });
}

function emitAll(chunks: () => AsyncGenerator<unknown[]>): Stream {
  const state = { wanted: true };
  const destroy = () => {
    state.wanted = false;
  };
  // dynalite listens to `data` twice unless what it gets is a Stream.
  const emitter = Object.assign(new Stream(), { destroy });
  const pump = async () => {
    try {
      for await (const chunk of chunks()) {
        for (const value of chunk) if (state.wanted) emitter.emit("data", value);
        if (!state.wanted) return;
      }
      emitter.emit("end");
    } catch (error) {
      emitter.emit("error", error);
    }
  };
  // Later, when the listeners are there.
  setImmediate(pump);
  return emitter;
}
