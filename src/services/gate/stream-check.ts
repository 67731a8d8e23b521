import { type FlvTag, flvType } from "../../media/flv.ts";
import { readAudioTag } from "../../media/flv-codecs.ts";
import { type HealthFinding, judgeStream, type StreamFacts, type StreamNeeds } from "../../media/stream-health.ts";
import { SoundMeter, type SoundMeterOptions } from "./sound-meter.ts";
import { StreamWatch } from "./stream-measures.ts";

/** What the gate knows of a stream that goes through it. */
export interface StreamCheckState {
  readonly facts: StreamFacts;
  /** Peak of the last sample in dBFS. */
  readonly levelDbfs: number | undefined;
  readonly findings: readonly HealthFinding[];
}

// Owncast drops what is in another codec without a word, then finds that a track is missing.
const endsTheStream = ["videoCodec", "audioCodec"];
const hangsUp = [...endsTheStream, "noAudioStream", "noVideoStream"];

/** Checks a camera's stream while it goes by. */
export class StreamCheck {
  readonly #needs: StreamNeeds;
  readonly #watch: StreamWatch;
  readonly #meter: SoundMeter;

  constructor(needs: StreamNeeds, options: SoundMeterOptions) {
    this.#needs = needs;
    this.#watch = new StreamWatch(options.now);
    this.#meter = new SoundMeter(options);
  }

  /** A piece of the stream has come. */
  count(tag: FlvTag): void {
    this.#watch.count(tag);
    if (tag.type === flvType.audio && readAudioTag(tag.data).codec === "aac") this.#meter.take(tag);
  }

  /** For so long, Owncast took nothing. */
  heldUp(ms: number): void {
    this.#watch.heldUp(ms);
  }

  /** Somebody looks at the stream. */
  watch(): void {
    this.#meter.watch();
  }

  /** Why Owncast cannot take the stream, as far as its codecs tell. A stream of which it has taken something is its own to end. */
  get refusal(): HealthFinding | undefined {
    const { videoCodec, audioCodec } = this.#watch.untaken;
    if (videoCodec === undefined && audioCodec === undefined) return undefined;
    return judgeStream({ videoCodec, audioCodec }, this.#needs).find(({ id }) => endsTheStream.includes(id));
  }

  /** Why Owncast has hung up, as far as the stream tells. For want of a track it does so after 5 s at the earliest. */
  get hangUp(): HealthFinding | undefined {
    const { videoCodec, audioCodec } = this.#watch.facts();
    return judgeStream({ videoCodec, audioCodec }, this.#needs).find(({ id }) => hangsUp.includes(id));
  }

  state(): StreamCheckState {
    const facts = { ...this.#watch.facts(), loudestDbfs: this.#meter.loudestDbfs };
    return { facts, levelDbfs: this.#meter.levelDbfs, findings: judgeStream(facts, this.#needs) };
  }
}
