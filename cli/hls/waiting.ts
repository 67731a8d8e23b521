// Caddy takes a keeper that is silent for three seconds for one that is away.
const mostMs = 2500;
const mostWaiting = 10_000;

/** Players whose answer is worth a moment's wait. */
export class Waiting {
  readonly #waiting: { readonly untilMs: number; readonly go: () => void }[] = [];

  /** Resolves at the next news, or when no answer may take longer; at once where too many wait already. */
  async wait(nowMs: number): Promise<void> {
    if (this.#waiting.length >= mostWaiting) return;
    await new Promise<void>((go) => this.#waiting.push({ untilMs: nowMs + mostMs, go }));
  }

  /** Lets those go who have waited long enough; all of them when there is news. To be called several times a second. */
  release(isNews: boolean, nowMs: number): void {
    const staying = isNews ? this.#waiting.length : this.#waiting.findIndex(({ untilMs }) => untilMs > nowMs);
    for (const { go } of this.#waiting.splice(0, staying < 0 ? this.#waiting.length : staying)) go();
  }
}
