import type { Camera } from "./camera-handshake.ts";
import type { Claimant } from "./input.ts";
import { type GateLimits, whileHeld } from "./limits.ts";
import { Refusal } from "./refusal.ts";
import type { StreamKey } from "./stream-keys.ts";

const sampleEveryMs = 250;
const rateSeconds = 5;

/** Who publishes, and what it is held to. */
export interface PublisherOptions {
  readonly camera: Camera;
  readonly key: StreamKey;
  readonly address: string;
  readonly limits: GateLimits;
  readonly now: () => number;
}

/** A connection with a valid key, from then until it has gone: it waits for its input, then its stream goes on air. */
export abstract class Publisher implements Claimant {
  readonly key: StreamKey;
  readonly address: string;
  protected readonly camera: Camera;
  protected readonly limits: GateLimits;
  protected readonly now: () => number;
  /** While true, the publisher is not read, so its silence is no fault of its own. */
  protected isHeldUp = false;
  readonly #ended = new AbortController();
  #why: Refusal | undefined;
  #refused: Promise<void> | undefined;
  #onAirSince: number | undefined;
  #lastMediaAt = 0;
  #bytes = 0;
  readonly #samples: number[] = [];
  #sampling: NodeJS.Timeout | undefined;

  constructor({ camera, key, address, limits, now }: PublisherOptions) {
    this.camera = camera;
    this.key = key;
    this.address = address;
    this.limits = limits;
    this.now = now;
    camera.connection.allow(whileHeld, () => this.end(tooEarly()));
    camera.connection.lost.catch(() => this.#ended.abort());
  }

  /** Aborted when the camera has gone or the gate has ended it. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Why the gate ended it; undefined if the camera went by itself. */
  get why(): Refusal | undefined {
    return this.#why;
  }

  get silentMs(): number {
    return this.#onAirSince === undefined || this.isHeldUp ? 0 : this.now() - this.#lastMediaAt;
  }

  get isOnAir(): boolean {
    return this.#onAirSince !== undefined;
  }

  get onAirMs(): number {
    return this.#onAirSince === undefined ? 0 : this.now() - this.#onAirSince;
  }

  get kbps(): number {
    const [first = 0] = this.#samples;
    const seconds = (this.#samples.length * sampleEveryMs) / 1000;
    return seconds === 0 ? 0 : Math.round(((this.#bytes - first) * 8) / 1000 / seconds);
  }

  end(why: Refusal): void {
    if (this.#why || this.#ended.signal.aborted) return;
    this.#why = why;
    this.#refused = this.camera.refuse(why.code, why.description);
    this.#ended.abort();
  }

  /** Resolves when the camera knows why it was ended and its connection is closed. */
  async leave(): Promise<void> {
    await (this.#refused ?? this.camera.connection.end());
  }

  /** It is on air from now on. `everySample` is called four times a second until `stopCounting`. */
  protected startCounting(everySample: () => void = () => {}): void {
    this.#lastMediaAt = this.now();
    this.#onAirSince = this.#lastMediaAt;
    this.#sampling = setInterval(() => {
      everySample();
      this.#sample();
    }, sampleEveryMs);
  }

  protected stopCounting(): void {
    clearInterval(this.#sampling);
  }

  /** So many bytes have come. `isMedia`: they show that the publisher is alive. */
  protected count(bytes: number, isMedia: boolean): void {
    if (isMedia) this.#lastMediaAt = this.now();
    this.#bytes += bytes;
  }

  /** The camera said that it has ended its stream. */
  protected goneByItself(): void {
    this.#ended.abort();
  }

  /** Ends a publisher that has sent no media for too long. */
  protected endSilent(idleMs: number): Refusal {
    return new Refusal("silent", `no media for ${idleMs / 1000} s`, "NetStream.Publish.Failed");
  }

  #sample(): void {
    this.#samples.push(this.#bytes);
    if (this.#samples.length > (rateSeconds * 1000) / sampleEveryMs) this.#samples.shift();
    if (this.silentMs > this.limits.idleMs) this.end(this.endSilent(this.limits.idleMs));
  }
}

const tooEarly = (): Refusal =>
  new Refusal("too-early", "it sends media before it is accepted", "NetStream.Publish.Failed");
