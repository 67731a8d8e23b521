/**
 * Runs work beside other work, and resolves or rejects as the other work does. The other work gets the promise of the work beside it,
 * and awaits it where it needs the result. However the other work ends, this resolves only when nothing of the work beside it is left:
 * what still goes on then is aborted.
 * @template Aside, Result
 * @param {AbortSignal} signal
 * @param {(signal: AbortSignal) => Promise<Aside>} aside
 * @param {(aside: Promise<Aside>) => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function beside(signal, aside, work) {
  const ending = new AbortController();
  const running = aside(AbortSignal.any([signal, ending.signal]));
  const settled = running.catch(() => {});
  try {
    return await work(running);
  } finally {
    ending.abort();
    await settled;
  }
}
