import { reasonOf } from "../../lib/error-cause.ts";
import { adtsFrameSeconds, hasSameAdtsFormat, lastAdtsFrames } from "../../media/adts-frames.ts";
import { decodeSound } from "../../media/decode-sound.ts";
import { readCodedSound, secondsBetweenPts } from "../../media/transport-stream.ts";

/** Samples a second of the sound that recognisers hear. */
export const sampleRate = 16_000;
const bytesPerSample = 2;

/** A segment's sound, and its first frame's timestamp. */
export interface SegmentSound {
  /** Exactly as many samples as were asked for. */
  readonly pcm: Buffer;
  /** Presentation time of the first frame, in 1/90000 s; undefined if the file is no segment. */
  readonly firstPts: number | undefined;
  /** Why there is silence instead of sound; undefined if there is sound. */
  readonly fault: string | undefined;
}

export interface SoundCounts {
  /** Silence put in where a segment's sound was missing or too short. */
  readonly paddedSeconds: number;
  /** Sound that had no place in its segment. */
  readonly cutSeconds: number;
}

// Frames of AAC overlap: the first one after a cut cannot be heard without the one before it.
const warmUpFrames = 2;
// Encoders end a segment's sound up to this much before its picture, or after it. The next segment has the rest.
const mostDriftSamples = 0.3 * sampleRate;
// A frame of AAC lasts 21 ms or 23 ms.
const nearSamples = 0.04 * sampleRate;
const decodeSeconds = 5;
// The decoder's silence before the first frame, and a frame that lies about its length.
const spareBytes = 4 * sampleRate * bytesPerSample;

/**
 * The sound of successive segments, as one unbroken stream. A segment's sound seldom begins and ends with its picture, so what is over
 * goes into the next one's. That puts sound up to 0.3 s later than its picture, but cuts no word.
 */
export class SegmentSounds {
  readonly #ffmpeg: string;
  /** The last frames of the segment before. */
  #frames: Buffer = Buffer.alloc(0);
  /** Decoded sound that follows what was given last. */
  #rest: Buffer = Buffer.alloc(0);
  #padded = 0;
  #cut = 0;

  /** `ffmpeg`: its path. */
  constructor(ffmpeg: string) {
    this.#ffmpeg = ffmpeg;
  }

  get counts(): SoundCounts {
    return { paddedSeconds: this.#padded / sampleRate, cutSeconds: this.#cut / sampleRate };
  }

  /**
   * The next segment's sound. `bytes`: its file, undefined if that is missing. `isContinuous`: its timestamps go on from the segment
   * before. Never rejects: what cannot be heard is silence, and `fault` says why.
   */
  async next(bytes: Buffer | undefined, samples: number, isContinuous: boolean): Promise<SegmentSound> {
    if (!isContinuous) this.#forget();
    if (!bytes) return this.#silence(samples, undefined, "its file is missing");
    const { videoPts, audioPts, audioCodec, audio } = readCodedSound(bytes);
    if (videoPts === undefined) return this.#silence(samples, undefined, "its file is no video segment");
    if (audio.length === 0) return this.#silence(samples, videoPts, "it has no sound");
    if (audioCodec !== "aac") return this.#silence(samples, videoPts, `its sound is ${audioCodec}; expected aac`);
    try {
      const pcm = await this.#decode(audio, samples);
      if (pcm.length === 0) return this.#silence(samples, videoPts, "its sound cannot be decoded");
      const offset = audioPts === undefined ? 0 : secondsBetweenPts(videoPts, audioPts) * sampleRate;
      this.#append(pcm, Math.round(offset));
      return { pcm: this.#take(samples), firstPts: videoPts, fault: undefined };
    } catch (error) {
      return this.#silence(samples, videoPts, `its sound cannot be decoded: ${reasonOf(error)}`);
    }
  }

  async #decode(audio: Buffer, samples: number): Promise<Buffer> {
    const before = hasSameAdtsFormat(this.#frames, audio) ? this.#frames : Buffer.alloc(0);
    this.#frames = Buffer.from(lastAdtsFrames(audio, warmUpFrames));
    const pcm = await decodeSound(Buffer.concat([before, audio]), {
      ffmpeg: this.#ffmpeg,
      format: "aac",
      output: ["-ac", "1", "-ar", `${sampleRate}`],
      mostBytes: samples * bytesPerSample + spareBytes,
      seconds: decodeSeconds,
    });
    const warmUp = before.length === 0 ? 0 : warmUpFrames * (adtsFrameSeconds(before) ?? 0) * sampleRate;
    return pcm.subarray(Math.round(warmUp) * bytesPerSample);
  }

  /** Adds a segment's sound, which begins so many samples after its picture, to what is left of the one before. */
  #append(pcm: Buffer, offset: number): void {
    const place = this.#rest.length / bytesPerSample;
    const late = place - offset;
    if (late < -nearSamples) {
      // Sound was lost.
      const gap = Math.min(-late, 10 * sampleRate);
      this.#padded += gap;
      this.#rest = Buffer.concat([this.#rest, silence(gap), pcm]);
    } else if (late > mostDriftSamples) {
      const over = Math.min(late, pcm.length / bytesPerSample);
      this.#cut += over;
      this.#rest = Buffer.concat([this.#rest, pcm.subarray(over * bytesPerSample)]);
    } else this.#rest = Buffer.concat([this.#rest, pcm]);
  }

  #take(samples: number): Buffer {
    const bytes = samples * bytesPerSample;
    const pcm = this.#rest.subarray(0, bytes);
    // Far more sound than the segment is long is no rest of it.
    const most = bytes + 2 * mostDriftSamples * bytesPerSample;
    if (this.#rest.length > most) this.#cut += (this.#rest.length - most) / bytesPerSample;
    this.#rest = Buffer.from(this.#rest.subarray(bytes, most));
    if (pcm.length === bytes) return pcm;
    const missing = samples - Math.floor(pcm.length / bytesPerSample);
    this.#padded += missing;
    return Buffer.concat([pcm, silence(missing)]);
  }

  #silence(samples: number, firstPts: number | undefined, fault: string): SegmentSound {
    this.#forget();
    this.#padded += samples;
    return { pcm: silence(samples), firstPts, fault };
  }

  #forget(): void {
    this.#frames = Buffer.alloc(0);
    this.#rest = Buffer.alloc(0);
  }
}

const silence = (samples: number): Buffer => Buffer.alloc(Math.max(0, samples) * bytesPerSample);
