// Plain JavaScript: benchmarks run it under a Node that reads no TypeScript.

/** The upper one of two middle values; NaN without any. @param {readonly number[]} values */
export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
