/**
 * Runs `work` with a signal that aborts with a TimeoutError after `seconds`, or when `outer` aborts.
 * Do not use `AbortSignal.any` around `AbortSignal.timeout`: Node 20 may collect the time-out as garbage, and it never fires.
 */
export async function withinSeconds<Result>(
  seconds: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const limit = new AbortController();
  const late = () => limit.abort(new DOMException(`no answer within ${seconds} s`, "TimeoutError"));
  const timer = setTimeout(late, Math.max(1, Math.ceil(seconds * 1000)));
  try {
    return await work(outer ? AbortSignal.any([outer, limit.signal]) : limit.signal);
  } finally {
    clearTimeout(timer);
  }
}
