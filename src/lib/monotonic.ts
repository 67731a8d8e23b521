/**
 * Milliseconds since the machine's start (Linux: CLOCK_MONOTONIC): nobody sets this clock, and all processes share it. Durations
 * are measured with it, because a wall clock may jump.
 */
export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;
