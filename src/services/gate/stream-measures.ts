import { type FlvTag, flvType } from "../../media/flv.ts";
import type { SoundParameters } from "../../media/flv-codecs.ts";
import { readAudioTag, readVideoTag } from "../../media/flv-codecs.ts";
import type { SequenceParameters } from "../../media/h264.ts";
import type { StreamFacts } from "../../media/stream-health.ts";

const bucketMs = 1000;
const windowMs = 10_000;
// Before that, rates say more about how the stream began than about how it is.
const ratesAfterMs = 3000;
const speedAfterMs = 8000;
const missingAfterMs = 3000;
const keptIntervals = 30;
const mostGapMs = 60_000;

/** What came within a second. */
interface Bucket {
  readonly sinceMs: number;
  readonly firstVideoMs: number | undefined;
  videoBytes: number;
  audioBytes: number;
  frames: number;
  heldUpMs: number;
}

/** The codec of a track. Owncast takes one codec, and drops single pieces in another one without a word. */
class TrackCodec {
  readonly #owncasts: string;
  #name: string | undefined;
  #takenAt: number | undefined;

  constructor(owncasts: string) {
    this.#owncasts = owncasts;
  }

  /** Undefined until a piece has named it. */
  get name(): string | undefined {
    return this.#name;
  }

  /** The name, as long as Owncast has taken nothing. */
  get untaken(): string | undefined {
    return this.#takenAt === undefined ? this.#name : undefined;
  }

  /** Whether a piece that came now is in the track's codec. The track changes it when nothing else has come for some seconds. */
  count(codec: string | undefined, isMedia: boolean, now: number): boolean {
    if (codec === undefined) return false;
    if (codec === this.#owncasts && isMedia) this.#takenAt = now;
    else if (codec !== this.#name && this.#takenAt !== undefined && now - this.#takenAt < missingAfterMs) return false;
    this.#name = codec;
    return true;
  }
}

/** Watches a stream go by: a few bytes of each piece are read, and nothing of it is kept. */
export class StreamWatch {
  readonly #now: () => number;
  readonly #buckets: Bucket[] = [];
  #startedAt: number | undefined;
  readonly #video = new TrackCodec("h264");
  readonly #audio = new TrackCodec("aac");
  #picture: SequenceParameters | undefined;
  #sound: SoundParameters | undefined;
  #lastVideoMs: number | undefined;
  #keyframeMs: number | undefined;
  readonly #intervals: number[] = [];

  /** `now` gives monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The codecs in which a track has come of which Owncast has taken nothing yet. */
  get untaken(): Pick<StreamFacts, "videoCodec" | "audioCodec"> {
    return { videoCodec: this.#video.untaken, audioCodec: this.#audio.untaken };
  }

  /** A piece of the stream has come. */
  count(tag: FlvTag): void {
    const now = this.#now();
    this.#startedAt ??= now;
    if (tag.type === flvType.video) this.#countVideo(tag, now);
    else if (tag.type === flvType.audio) this.#countAudio(tag, now);
  }

  /** For so long, Owncast took nothing: the camera waited meanwhile. */
  heldUp(ms: number): void {
    this.#bucket(this.#now()).heldUpMs += ms;
  }

  #countVideo({ data, timestampMs }: FlvTag, now: number): void {
    const { codec, isFrame, isKeyframe, parameters } = readVideoTag(data);
    if (!this.#video.count(codec, isFrame, now)) return;
    if (parameters) this.#picture = parameters;
    if (!isFrame) {
      this.#bucket(now).videoBytes += data.length;
      return;
    }
    this.#followClock(timestampMs);
    const bucket = this.#bucket(now, timestampMs);
    bucket.videoBytes += data.length;
    // Some encoders send a frame in several pieces.
    if (timestampMs !== this.#lastVideoMs) bucket.frames += 1;
    this.#lastVideoMs = timestampMs;
    if (isKeyframe) this.#countKeyframe(timestampMs);
  }

  #countAudio({ data }: FlvTag, now: number): void {
    const { codec, isSound, parameters } = readAudioTag(data);
    if (!this.#audio.count(codec, isSound, now)) return;
    if (parameters) this.#sound = parameters;
    this.#bucket(now).audioBytes += data.length;
  }

  /** A camera whose timestamps start anew, or jump, is measured anew. */
  #followClock(timestampMs: number): void {
    const passed = timestampMs - (this.#lastVideoMs ?? timestampMs);
    if (passed > -bucketMs && passed < mostGapMs) return;
    this.#buckets.length = 0;
    this.#keyframeMs = undefined;
  }

  #countKeyframe(timestampMs: number): void {
    if (this.#keyframeMs !== undefined && timestampMs <= this.#keyframeMs) return;
    if (this.#keyframeMs !== undefined) this.#intervals.push((timestampMs - this.#keyframeMs) / 1000);
    if (this.#intervals.length > keptIntervals) this.#intervals.shift();
    this.#keyframeMs = timestampMs;
  }

  /** The bucket of this moment. Those that left the window are dropped. */
  #bucket(now: number, videoMs?: number): Bucket {
    const last = this.#buckets.at(-1);
    if (last && now - last.sinceMs < bucketMs && (last.firstVideoMs !== undefined || videoMs === undefined))
      return last;
    const bucket: Bucket = {
      ...{ sinceMs: now, firstVideoMs: videoMs, videoBytes: 0, audioBytes: 0, frames: 0, heldUpMs: 0 },
    };
    this.#buckets.push(bucket);
    while (this.#buckets[0] && now - this.#buckets[0].sinceMs > windowMs + bucketMs) this.#buckets.shift();
    return bucket;
  }

  /** What is known of the stream now. */
  facts(): StreamFacts {
    const now = this.#now();
    const isMissing = this.#startedAt !== undefined && now - this.#startedAt >= missingAfterMs;
    const { profileIdc, chromaFormatIdc, bitDepth, interlaced, width, height } = this.#picture ?? {};
    return {
      videoCodec: this.#video.name ?? (isMissing ? null : undefined),
      ...{ profileIdc, chromaFormatIdc, bitDepth, interlaced, width, height },
      keyframeSeconds: this.#keyframeSeconds(),
      audioCodec: this.#audio.name ?? (isMissing ? null : undefined),
      ...{ sampleRate: this.#sound?.sampleRate, channels: this.#sound?.channels },
      ...this.#rates(now),
    };
  }

  #rates(now: number): Pick<StreamFacts, "fps" | "videoKbps" | "audioKbps" | "speed" | "heldUp"> {
    const buckets = this.#buckets.filter(({ sinceMs }) => now - sinceMs <= windowMs + bucketMs);
    const [oldest] = buckets;
    const passedMs = oldest ? now - oldest.sinceMs : 0;
    if (passedMs < ratesAfterMs) return {};
    const sum = (value: (bucket: Bucket) => number) => buckets.reduce((total, bucket) => total + value(bucket), 0);
    const kbps = (bytes: number) => Math.round((bytes * 8) / passedMs);
    const filmed = buckets.find(({ firstVideoMs }) => firstVideoMs !== undefined);
    // A clock that goes back a little is no time that passed.
    const mediaMs = filmed ? Math.max(0, (this.#lastVideoMs ?? 0) - (filmed.firstVideoMs ?? 0)) : 0;
    const arrivedMs = filmed ? now - filmed.sinceMs : 0;
    const framesAfterFirst = Math.max(0, sum(({ frames }) => frames) - 1);
    return {
      videoKbps: kbps(sum(({ videoBytes }) => videoBytes)),
      audioKbps: kbps(sum(({ audioBytes }) => audioBytes)),
      fps: mediaMs > 0 ? Math.round((framesAfterFirst * 10_000) / mediaMs) / 10 : undefined,
      speed: arrivedMs >= speedAfterMs ? Math.round((mediaMs / arrivedMs) * 100) / 100 : undefined,
      heldUp: Math.round((sum(({ heldUpMs }) => heldUpMs) / passedMs) * 100) / 100,
    };
  }

  /** An interval that still lasts counts if it is longer than those before. */
  #keyframeSeconds(): StreamFacts["keyframeSeconds"] {
    const current =
      this.#keyframeMs === undefined || this.#lastVideoMs === undefined
        ? 0
        : (this.#lastVideoMs - this.#keyframeMs) / 1000;
    const sorted = [...this.#intervals].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? current;
    const longest = Math.max(sorted.at(-1) ?? 0, current);
    // A stream that has just begun has shown nothing of its interval.
    if (sorted.length === 0 && current < ratesAfterMs / 1000) return undefined;
    return { median, longest };
  }
}
