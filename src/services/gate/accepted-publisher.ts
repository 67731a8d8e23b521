import type { CliError } from "../../lib/errors.ts";
import { ExitCode } from "../../lib/errors.ts";
import { streamNeeds } from "../../media/camera-needs.ts";
import { flvType } from "../../media/flv.ts";
import { type Ingest, openIngest } from "../../media/rtmp/rtmp-ingest.ts";
import { rtmpType } from "../../media/rtmp/rtmp-messages.ts";
import type { RtmpTarget } from "../../media/rtmp/rtmp-target.ts";
import type { HealthFinding } from "../../media/stream-health.ts";
import { type Camera, commandName } from "./camera-handshake.ts";
import type { Claimant } from "./input.ts";
import { afterPublish, type GateLimits, whileHeld } from "./limits.ts";
import { forwardedTags } from "./media-messages.ts";
import { Refusal, refusalFor } from "./refusal.ts";
import { StreamCheck, type StreamCheckState } from "./stream-check.ts";
import type { StreamKey, VideoSettings } from "./stream-keys.ts";

const sampleEveryMs = 250;
const lastWordsMs = 2000;
const rateSeconds = 5;
const judgeEvery = 4;
const usualEncoder = "libx264";
// An encoder without its device exits within a second after it has read the beginning of the stream.
const encoderStartsWithinMs = 20_000;
const goodbyes = ["FCUnpublish", "deleteStream", "closeStream"];

export interface PublisherOptions {
  readonly camera: Camera;
  readonly key: StreamKey;
  readonly address: string;
  readonly limits: GateLimits;
  readonly now: () => number;
  /** The format that the stage needs from its camera. */
  readonly video: VideoSettings;
  /** ffmpeg's path, to measure how loud the sound is; undefined: it is not measured. */
  readonly ffmpeg: string | undefined;
  /** Called once for each finding. */
  readonly onFinding: (finding: HealthFinding) => void;
}

/** A camera with a valid key: it waits for its input, then its stream is relayed to Owncast. */
export class AcceptedPublisher implements Claimant {
  readonly key: StreamKey;
  readonly address: string;
  readonly #camera: Camera;
  readonly #limits: GateLimits;
  readonly #now: () => number;
  readonly #ended = new AbortController();
  #why: Refusal | undefined;
  #refused: Promise<void> | undefined;
  #onAirSince: number | undefined;
  #lastMediaAt = 0;
  /** Owncast takes no data at the moment, so the camera is not read. */
  #isHeldUp = false;
  #bytes = 0;
  readonly #samples: number[] = [];
  readonly #video: VideoSettings;
  readonly #check: StreamCheck;
  readonly #onFinding: (finding: HealthFinding) => void;
  readonly #found = new Set<string>();
  #sampleCount = 0;

  constructor({ camera, key, address, limits, now, video, ffmpeg, onFinding }: PublisherOptions) {
    this.#camera = camera;
    this.key = key;
    this.address = address;
    this.#limits = limits;
    this.#now = now;
    this.#video = video;
    this.#check = new StreamCheck(streamNeeds(video), { ffmpeg, now, signal: this.#ended.signal });
    this.#onFinding = onFinding;
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
    return this.#onAirSince === undefined || this.#isHeldUp ? 0 : this.#now() - this.#lastMediaAt;
  }

  get isOnAir(): boolean {
    return this.#onAirSince !== undefined;
  }

  get onAirMs(): number {
    return this.#onAirSince === undefined ? 0 : this.#now() - this.#onAirSince;
  }

  get kbps(): number {
    const [first = 0] = this.#samples;
    const seconds = (this.#samples.length * sampleEveryMs) / 1000;
    return seconds === 0 ? 0 : Math.round(((this.#bytes - first) * 8) / 1000 / seconds);
  }

  /** The facts about the stream. `isWatched`: a person looks, so the sound is measured more often. */
  stream(isWatched: boolean): StreamCheckState {
    if (isWatched) this.#check.hurry();
    return this.#check.state();
  }

  end(why: Refusal): void {
    if (this.#why || this.#ended.signal.aborted) return;
    this.#why = why;
    this.#refused = this.#camera.refuse(why.code, why.description);
    this.#ended.abort();
  }

  /** Resolves when the camera knows why it was ended and its connection is closed. */
  async leave(): Promise<void> {
    await (this.#refused ?? this.#camera.connection.end());
  }

  /** Connects to Owncast, accepts the camera and relays its stream until one side ends. Throws a Refusal if Owncast does not accept. */
  async publish(target: RtmpTarget, onAccepted: () => void): Promise<void> {
    const ingest = await this.#connect(target);
    const sampling = setInterval(() => this.#sample(), sampleEveryMs);
    // The camera disconnected: relay the data that it sent before. Otherwise end at once, because Owncast may block.
    this.signal.addEventListener("abort", () =>
      setTimeout(() => void ingest.end(), this.#why ? 0 : lastWordsMs).unref(),
    );
    try {
      this.#lastMediaAt = this.#now();
      this.#onAirSince = this.#lastMediaAt;
      this.#camera.connection.allow(afterPublish);
      await this.#camera.accept();
      onAccepted();
      ingest.lost.catch((reason: Error) => this.end(this.#lostOwncast(reason)));
      await this.#relay(ingest);
    } catch (error) {
      this.end(refusalFor(error as Error));
    } finally {
      clearInterval(sampling);
      await ingest.end();
    }
  }

  async #connect(target: RtmpTarget): Promise<Ingest> {
    // Owncast parses the stream's name as part of a URL. Encoded, it accepts any key.
    const streamKey = encodeURIComponent(this.key.value);
    const options = { target, streamKey, timeoutSeconds: this.#limits.answerSeconds, signal: this.signal };
    return openIngest(options).catch((error: CliError) => {
      this.signal.throwIfAborted();
      if (error.exitCode === ExitCode.refused)
        throw new Refusal("owncast-refused", "Owncast refused the stream: does it have this key yet?");
      throw new Refusal("owncast-unreachable", "Owncast accepts no connection; try again in a minute");
    });
  }

  async #relay(ingest: Ingest): Promise<void> {
    for (;;) {
      const message = await this.#camera.connection.receive();
      const { type } = message;
      if (type === rtmpType.command || type === rtmpType.commandAmf3) {
        if (goodbyes.includes(commandName(message) ?? "")) return this.#ended.abort();
        continue;
      }
      for (const part of forwardedTags(message)) {
        const now = this.#now();
        if (part.type !== flvType.script) this.#lastMediaAt = now;
        this.#bytes += part.data.length;
        this.#check.count(part);
        const { refusal } = this.#check;
        if (refusal) return this.end(unsupported(refusal));
        this.#isHeldUp = true;
        await ingest.send(part).catch((reason: Error) => {
          throw this.#lostOwncast(reason);
        });
        this.#isHeldUp = false;
        this.#check.heldUp(this.#now() - now);
      }
    }
  }

  #judge(): void {
    for (const finding of this.#check.state().findings) {
      if (this.#found.has(finding.id)) continue;
      this.#found.add(finding.id);
      this.#onFinding(finding);
    }
  }

  #lostOwncast({ message }: Error): Refusal {
    const { codec = usualEncoder } = this.#video ?? {};
    const finding = this.#check.hangUp;
    if (finding) return endedByOwncast(finding);
    if (codec !== usualEncoder && this.onAirMs < encoderStartsWithinMs)
      return endedByOwncast({
        says: `Owncast ended the stream at once, and the stage's encoder is ${codec}: this machine may lack its device or driver`,
        remedy:
          "set video.codec to libx264, or see docs/nixos.md for what the encoder needs; `lectern status` on the server shows Owncast's last log lines",
      });
    return endedByOwncast({
      says: `Owncast ended the stream (${message})`,
      remedy: "`lectern status` on the server shows Owncast's last log lines",
    });
  }

  #sample(): void {
    if (++this.#sampleCount % judgeEvery === 0) this.#judge();
    this.#samples.push(this.#bytes);
    if (this.#samples.length > (rateSeconds * 1000) / sampleEveryMs) this.#samples.shift();
    if (this.silentMs > this.#limits.idleMs)
      this.end(new Refusal("silent", `no media for ${this.#limits.idleMs / 1000} s`, "NetStream.Publish.Failed"));
  }
}

const tooEarly = (): Refusal =>
  new Refusal("too-early", "it sends media before it is accepted", "NetStream.Publish.Failed");

/** Why a stream ended, and what to do about it. */
type Words = Pick<HealthFinding, "says" | "remedy">;

const unsupported = ({ says, remedy }: Words): Refusal =>
  new Refusal("unsupported-codec", says, "NetStream.Publish.Failed", remedy);

const endedByOwncast = ({ says, remedy }: Words): Refusal =>
  new Refusal("owncast-ended", says, "NetStream.Publish.Failed", remedy);
