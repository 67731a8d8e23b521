/**
 * Does some work with a signal that aborts after so many seconds with a TimeoutError, or when `outer` does.
 * `AbortSignal.any` around `AbortSignal.timeout` does not do: Node 20 may collect that time-out as garbage, and it never comes.
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
