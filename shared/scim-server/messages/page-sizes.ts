/** Resources of a page where the request names no count, and at most. */
export const pageSizes = { default: 100, max: 1000 };

/** Seconds for which a cursor goes on at least. */
export const cursorTimeout = 3600;
