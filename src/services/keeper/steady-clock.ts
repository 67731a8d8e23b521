/**
 * Milliseconds on a clock that nobody sets and that is the same for all processes: it counts from the machine's start
 * (Linux: CLOCK_MONOTONIC). All durations of the keeper are measured with it, for a wall clock may jump.
 */
export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;
