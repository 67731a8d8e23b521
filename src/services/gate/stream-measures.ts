import { type FlvTag, flvType } from "../../media/flv.ts";
import type { SoundParameters } from "../../media/flv-codecs.ts";
import { readAudioTag, readVideoTag } from "../../media/flv-codecs.ts";
import type { SequenceParameters } from "../../media/h264.ts";
import type { StreamFacts } from "../../media/stream-health.ts";

const bucketMs = 1000;
const windowMs = 10_000;
// Earlier, rates would describe the stream's start.
const ratesAfterMs = 3000;
const speedAfterMs = 8000;
const missingAfterMs = 3000;
const keptIntervals = 30;
const mostGapMs = 60_000;

/** The data that arrived within a second. */
interface Bucket {
  readonly sinceMs: number;
  readonly firstVideoMs: number | undefined;
  videoBytes: number;
  audioBytes: number;
  frames: number;
  heldUpMs: number;
}

/** The codec of a track. Owncast takes one codec, and silently drops tags in another. */
class TrackCodec {
  readonly #owncasts: string;
  #name: string | undefined;
  #takenAt: number | undefined;

  constructor(owncasts: string) {
    this.#owncasts = owncasts;
  }

  /** Undefined until a tag has named it. */
  get name(): string | undefined {
    return this.#name;
  }

  /** The codec while Owncast has taken nothing of the track. */
  get untaken(): string | undefined {
    return this.#takenAt === undefined ? this.#name : undefined;
  }

  /** Whether this tag is in the track's codec. After some seconds without the old codec, the track's codec changes. */
  count(codec: string | undefined, isMedia: boolean, now: number): boolean {
    if (codec === undefined) return false;
    if (codec === this.#owncasts && isMedia) this.#takenAt = now;
    else if (codec !== this.#name && this.#takenAt !== undefined && now - this.#takenAt < missingAfterMs) return false;
    this.#name = codec;
    return true;
  }
}

/** Measures a stream while it passes. Reads the first bytes of each tag and keeps none of them. */
export class StreamMeasures {
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

  /** The codecs of tracks from which Owncast has accepted no data yet. */
  get untaken(): Pick<StreamFacts, "videoCodec" | "audioCodec"> {
    return { videoCodec: this.#video.untaken, audioCodec: this.#audio.untaken };
  }

  /** A tag of the stream has arrived. Returns its codec, if it names one. */
  count(tag: FlvTag): string | undefined {
    const now = this.#now();
    this.#startedAt ??= now;
    if (tag.type === flvType.video) return this.#countVideo(tag, now);
    return tag.type === flvType.audio ? this.#countAudio(tag, now) : undefined;
  }

  /** Owncast took no data for so long, and the camera had to wait. */
  heldUp(ms: number): void {
    this.#bucket(this.#now()).heldUpMs += ms;
  }

  #countVideo({ data, timestampMs }: FlvTag, now: number): string | undefined {
    const { codec, isFrame, isKeyframe, parameters } = readVideoTag(data);
    if (!this.#video.count(codec, isFrame, now)) return codec;
    if (parameters) this.#picture = parameters;
    if (!isFrame) {
      this.#bucket(now).videoBytes += data.length;
      return codec;
    }
    this.#followClock(timestampMs);
    const bucket = this.#bucket(now, timestampMs);
    bucket.videoBytes += data.length;
    // Some encoders send a frame in several tags.
    if (timestampMs !== this.#lastVideoMs) bucket.frames += 1;
    this.#lastVideoMs = timestampMs;
    if (isKeyframe) this.#countKeyframe(timestampMs);
    return codec;
  }

  #countAudio({ data }: FlvTag, now: number): string | undefined {
    const { codec, isSound, parameters } = readAudioTag(data);
    if (!this.#audio.count(codec, isSound, now)) return codec;
    if (parameters) this.#sound = parameters;
    this.#bucket(now).audioBytes += data.length;
    return codec;
  }

  /** If timestamps restart or jump, measuring starts again. */
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

  /** The bucket for this moment. Drops those that have left the window. */
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

  /** The present facts about the stream. */
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
    // Timestamps that go back a little must not count as negative time.
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

  /** The current interval counts if it is already longer than all before. */
  #keyframeSeconds(): StreamFacts["keyframeSeconds"] {
    const current =
      this.#keyframeMs === undefined || this.#lastVideoMs === undefined
        ? 0
        : (this.#lastVideoMs - this.#keyframeMs) / 1000;
    const sorted = [...this.#intervals].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? current;
    const longest = Math.max(sorted.at(-1) ?? 0, current);
    // A stream that has just begun has not shown its interval yet.
    if (sorted.length === 0 && current < ratesAfterMs / 1000) return undefined;
    return { median, longest };
  }
}
