import { type FlvTag, flvType } from "../../media/flv.ts";
import { type HealthFinding, judgeStream, type StreamFacts, type StreamNeeds } from "../../media/stream-health.ts";
import { SoundMeter, type SoundMeterOptions } from "./sound-meter.ts";
import { StreamMeasures } from "./stream-measures.ts";

/** The gate's facts about a stream that it relays. */
export interface StreamCheckState {
  readonly facts: StreamFacts;
  /** Peak of the last sample in dBFS. */
  readonly levelDbfs: number | undefined;
  readonly findings: readonly HealthFinding[];
}

// Owncast silently drops other codecs, then finds that a track is missing.
const endsTheStream = ["videoCodec", "audioCodec"];
const hangsUp = [...endsTheStream, "noAudioStream", "noVideoStream"];

/** Checks a camera's stream while the gate relays it. */
export class StreamCheck {
  readonly #needs: StreamNeeds;
  readonly #measures: StreamMeasures;
  readonly #meter: SoundMeter;

  constructor(needs: StreamNeeds, options: SoundMeterOptions) {
    this.#needs = needs;
    this.#measures = new StreamMeasures(options.now);
    this.#meter = new SoundMeter(options);
  }

  /** A tag of the stream has arrived. */
  count(tag: FlvTag): void {
    const codec = this.#measures.count(tag);
    if (tag.type === flvType.audio && codec === "aac") this.#meter.take(tag);
  }

  /** Owncast took no data for so long. */
  heldUp(ms: number): void {
    this.#measures.heldUp(ms);
  }

  /** Somebody looks: measure the sound more often. */
  hurry(): void {
    this.#meter.hurry();
  }

  /** Why Owncast cannot take the stream's codecs. If it has taken something, Owncast itself decides when to end the stream. */
  get refusal(): HealthFinding | undefined {
    const { videoCodec, audioCodec } = this.#measures.untaken;
    if (videoCodec === undefined && audioCodec === undefined) return undefined;
    return judgeStream({ videoCodec, audioCodec }, this.#needs).find(({ id }) => endsTheStream.includes(id));
  }

  /** Why Owncast has hung up, if the stream shows it. For a missing track it waits 5 s at least. */
  get hangUp(): HealthFinding | undefined {
    const { videoCodec, audioCodec } = this.#measures.facts();
    return judgeStream({ videoCodec, audioCodec }, this.#needs).find(({ id }) => hangsUp.includes(id));
  }

  state(): StreamCheckState {
    const facts = { ...this.#measures.facts(), loudestDbfs: this.#meter.loudestDbfs };
    return { facts, levelDbfs: this.#meter.levelDbfs, findings: judgeStream(facts, this.#needs) };
  }
}
