/** Sound that waits for somebody who may hear it: 16 bit, mono. */
export class HeldSound {
  #pieces: Buffer[] = [];
  #bytes = 0;

  /** How much waits. */
  get samples(): number {
    return this.#bytes / 2;
  }

  add(pcm: Buffer): void {
    this.#pieces.push(pcm);
    this.#bytes += pcm.length;
  }

  /** Drops so many of the oldest samples, or as many as there are; how many it dropped. */
  drop(samples: number): number {
    const dropped = Math.max(0, Math.min(samples, this.samples));
    let left = dropped * 2;
    this.#bytes -= left;
    for (let first = this.#pieces[0]; first && left > 0; first = this.#pieces[0]) {
      if (first.length > left) this.#pieces[0] = first.subarray(left);
      else this.#pieces.shift();
      left -= Math.min(left, first.length);
    }
    return dropped;
  }

  /** All that waits, as one piece. */
  take(): Buffer {
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    return all;
  }
}
