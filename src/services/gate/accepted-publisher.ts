import type { CliError } from "../../lib/errors.ts";
import { ExitCode } from "../../lib/errors.ts";
import { streamNeeds } from "../../media/camera-needs.ts";
import { flvType } from "../../media/flv.ts";
import { type Ingest, openIngest } from "../../media/rtmp/rtmp-ingest.ts";
import { rtmpType } from "../../media/rtmp/rtmp-messages.ts";
import type { RtmpTarget } from "../../media/rtmp/rtmp-target.ts";
import type { HealthFinding } from "../../media/stream-health.ts";
import { commandName, goodbyes } from "./camera-handshake.ts";
import { afterPublish } from "./limits.ts";
import { forwardedTags } from "./media-messages.ts";
import { Publisher, type PublisherOptions } from "./publisher.ts";
import { Refusal, refusalFor } from "./refusal.ts";
import { StreamCheck, type StreamCheckState } from "./stream-check.ts";
import type { VideoSettings } from "./stream-keys.ts";

const lastWordsMs = 2000;
const judgeEvery = 4;
const usualEncoder = "libx264";
// An encoder without its device exits within a second after it has read the beginning of the stream.
const encoderStartsWithinMs = 20_000;

/** A camera's options besides those of every publisher. */
export interface AcceptedPublisherOptions extends PublisherOptions {
  /** The format that the stage needs from its camera. */
  readonly video: VideoSettings;
  /** ffmpeg's path, to measure how loud the sound is; undefined: it is not measured. */
  readonly ffmpeg: string | undefined;
  /** Called once for each finding. */
  readonly onFinding: (finding: HealthFinding) => void;
}

/** A camera with a valid key: it waits for its input, then its stream is relayed to Owncast. */
export class AcceptedPublisher extends Publisher {
  readonly #video: VideoSettings;
  readonly #check: StreamCheck;
  readonly #onFinding: (finding: HealthFinding) => void;
  readonly #found = new Set<string>();
  #sampleCount = 0;

  constructor(options: AcceptedPublisherOptions) {
    super(options);
    const { video, now, ffmpeg, onFinding } = options;
    this.#video = video;
    this.#check = new StreamCheck(streamNeeds(video), { ffmpeg, now, signal: this.signal });
    this.#onFinding = onFinding;
  }

  /** The facts about the stream. `isWatched`: a person looks, so the sound is measured more often. */
  stream(isWatched: boolean): StreamCheckState {
    if (isWatched) this.#check.hurry();
    return this.#check.state();
  }

  /** Connects to Owncast, accepts the camera and relays its stream until one side ends. Throws a Refusal if Owncast does not accept. */
  async publish(target: RtmpTarget, onAccepted: () => void): Promise<void> {
    const ingest = await this.#connect(target);
    // The camera disconnected: relay the data that it sent before. Otherwise end at once, because Owncast may block.
    this.signal.addEventListener("abort", () =>
      setTimeout(() => void ingest.end(), this.why ? 0 : lastWordsMs).unref(),
    );
    try {
      this.startCounting(() => this.#judgeSometimes());
      this.camera.connection.allow(afterPublish);
      await this.camera.accept();
      onAccepted();
      ingest.lost.catch((reason: Error) => this.end(this.#lostOwncast(reason)));
      await this.#relay(ingest);
    } catch (error) {
      this.end(refusalFor(error as Error));
    } finally {
      this.stopCounting();
      await ingest.end();
    }
  }

  async #connect(target: RtmpTarget): Promise<Ingest> {
    // Owncast parses the stream's name as part of a URL. Encoded, it accepts any key.
    const streamKey = encodeURIComponent(this.key.value);
    const options = { target, streamKey, timeoutSeconds: this.limits.answerSeconds, signal: this.signal };
    return openIngest(options).catch((error: CliError) => {
      this.signal.throwIfAborted();
      if (error.exitCode === ExitCode.refused)
        throw new Refusal("owncast-refused", "Owncast refused the stream: does it have this key yet?");
      throw new Refusal("owncast-unreachable", "Owncast accepts no connection; try again in a minute");
    });
  }

  async #relay(ingest: Ingest): Promise<void> {
    for (;;) {
      const message = await this.camera.connection.receive();
      const { type } = message;
      if (type === rtmpType.command || type === rtmpType.commandAmf3) {
        if (goodbyes.includes(commandName(message) ?? "")) return this.goneByItself();
        continue;
      }
      for (const part of forwardedTags(message)) {
        const now = this.now();
        this.count(part.data.length, part.type !== flvType.script);
        this.#check.count(part);
        const { refusal } = this.#check;
        if (refusal) return this.end(unsupported(refusal));
        this.isHeldUp = true;
        await ingest.send(part).catch((reason: Error) => {
          throw this.#lostOwncast(reason);
        });
        this.isHeldUp = false;
        this.#check.heldUp(this.now() - now);
      }
    }
  }

  #judgeSometimes(): void {
    if (++this.#sampleCount % judgeEvery !== 0) return;
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
}

/** Why a stream ended, and what to do about it. */
type Words = Pick<HealthFinding, "says" | "remedy">;

const unsupported = ({ says, remedy }: Words): Refusal =>
  new Refusal("unsupported-codec", says, "NetStream.Publish.Failed", remedy);

const endedByOwncast = ({ says, remedy }: Words): Refusal =>
  new Refusal("owncast-ended", says, "NetStream.Publish.Failed", remedy);
