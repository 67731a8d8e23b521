/** A piece of sound with its place, in samples since the first one. */
export interface SoundPiece {
  readonly pcm: Buffer;
  readonly startSample: number;
  readonly endSample: number;
  /** Whether it was sent before, to a server that did not answer. */
  readonly isSecond: boolean;
}

const bytesPerSample = 2;
// As the clients of Vosk's protocol do: a quarter of a second.
const pieceSamples = 4000;

/** Sound on its way to a server: what waits, and what the server has not answered. Pure but for its own state. */
export class SoundQueue {
  #waiting: SoundPiece[] = [];
  #sent: SoundPiece[] = [];
  /** How much sound there was in all. */
  totalSamples = 0;
  droppedSamples = 0;

  /** Adds sound at the end; drops the oldest that waits, so that no more than `mostSamples` are unanswered. */
  add(pcm: Buffer, mostSamples: number): void {
    const samples = Math.floor(pcm.length / bytesPerSample);
    for (let at = 0; at < samples; at += pieceSamples) {
      const until = Math.min(samples, at + pieceSamples);
      this.#waiting.push({
        pcm: pcm.subarray(at * bytesPerSample, until * bytesPerSample),
        startSample: this.totalSamples + at,
        endSample: this.totalSamples + until,
        isSecond: false,
      });
    }
    this.totalSamples += samples;
    while (this.lagSamples > mostSamples && this.#waiting.length > 0) this.#drop(this.#waiting.shift()!);
  }

  /** The next piece to send, if no more than `mostSent` are unanswered. */
  next(mostSent: number): SoundPiece | undefined {
    if (this.#sent.length >= mostSent) return undefined;
    const piece = this.#waiting.shift();
    if (piece) this.#sent.push(piece);
    return piece;
  }

  /** The server has answered the oldest piece that was sent; undefined if there is none. */
  answered(): SoundPiece | undefined {
    return this.#sent.shift();
  }

  /** The server is gone: what it has not answered waits again, once. */
  again(): void {
    for (const piece of this.#sent) if (piece.isSecond) this.#drop(piece);
    const second = this.#sent.filter(({ isSecond }) => !isSecond).map((piece) => ({ ...piece, isSecond: true }));
    this.#waiting = [...second, ...this.#waiting];
    this.#sent = [];
  }

  get unansweredPieces(): number {
    return this.#sent.length;
  }

  /** Where the sound begins that no server has answered. */
  get fromSample(): number {
    return this.#sent[0]?.startSample ?? this.#waiting[0]?.startSample ?? this.totalSamples;
  }

  /** How much sound no server has answered. */
  get lagSamples(): number {
    const count = (pieces: readonly SoundPiece[]): number =>
      pieces.reduce((sum, { startSample, endSample }) => sum + endSample - startSample, 0);
    return count(this.#sent) + count(this.#waiting);
  }

  #drop({ startSample, endSample }: SoundPiece): void {
    this.droppedSamples += endSample - startSample;
  }
}

/** Where the samples that a server counts are in all sound: it does not hear what was dropped. */
export class ServerClock {
  /** Where dropped sound ends, in the server's samples and in all sound. */
  #places: { readonly served: number; readonly sample: number }[] = [];
  #served = 0;
  #nextSample = -1;

  /** A piece was sent. */
  sent({ startSample, endSample }: SoundPiece): void {
    if (startSample !== this.#nextSample) this.#places.push({ served: this.#served, sample: startSample });
    if (this.#places.length > 100) this.#places = this.#places.slice(-50);
    this.#served += endSample - startSample;
    this.#nextSample = endSample;
  }

  /** Samples since the first one, of a time that the server tells in seconds. NaN stays NaN. */
  sampleAt(seconds: number): number {
    const served = seconds * 16_000;
    const place = this.#places.findLast((one) => one.served <= served) ?? this.#places[0];
    return place ? place.sample + served - place.served : Number.NaN;
  }
}
