import { sampleRates } from "./adts.ts";
import { readAvcConfiguration, type SequenceParameters } from "./h264.ts";

/** The contents of an AAC decoder's configuration. */
export interface SoundParameters {
  /** Samples per second. */
  readonly sampleRate: number;
  /** Undefined if only the sound itself tells. */
  readonly channels: number | undefined;
}

/** The head of a video tag. */
export interface VideoTagInfo {
  /** `h264`, `hevc`, …; undefined if the tag names none, or belongs to a track other than the first. */
  readonly codec: string | undefined;
  /** It holds a coded frame, and not only the decoder's configuration. */
  readonly isFrame: boolean;
  readonly isKeyframe: boolean;
  /** From the configuration of H.264. */
  readonly parameters?: SequenceParameters | undefined;
}

/** The head of an audio tag. */
export interface AudioTagInfo {
  readonly codec: string | undefined;
  /** It holds sound, and not only the decoder's configuration. */
  readonly isSound: boolean;
  /** From the configuration of AAC. */
  readonly parameters?: SoundParameters | undefined;
}

const videoCodecs: Readonly<Record<number, string>> = { 2: "h263", 4: "vp6", 5: "vp6", 7: "h264", 12: "hevc" };
const audioCodecs: Readonly<Record<number, string>> = {
  ...{ 0: "pcm", 1: "adpcm", 2: "mp3", 3: "pcm", 4: "nellymoser", 5: "nellymoser", 6: "nellymoser" },
  ...{ 7: "g711", 8: "g711", 10: "aac", 11: "speex", 14: "mp3" },
};
// H.264 and AAC in Enhanced RTMP keep their own names, since a server may take only their older form.
const fourCcs: Readonly<Record<string, string>> = {
  ...{ hvc1: "hevc", av01: "av1", vp08: "vp8", vp09: "vp9", avc1: "avc1", vvc1: "vvc" },
  ...{ Opus: "opus", fLaC: "flac", "ac-3": "ac3", "ec-3": "eac3", ".mp3": "mp3", mp4a: "mp4a" },
};
const h264 = 7;
const aac = 10;
const enhancedSound = 9;
const enhanced = { codedFrames: 1, codedFramesX: 3 } as const;
// Packet types up to `last` are followed by a codec's name; higher ones modify the packet type that follows.
const videoKinds = { last: 5, multitrack: 6 } as const;
const soundKinds = { last: 4, multitrack: 5 } as const;
const keyframe = 1;
const command = 5;
const noVideo: VideoTagInfo = { codec: undefined, isFrame: false, isKeyframe: false };
const avcPacket = { setUp: 0, frame: 1 } as const;

/** Reads the head of a video tag, in FLV's form or that of Enhanced RTMP. */
export function readVideoTag(data: Buffer): VideoTagInfo {
  const [first] = data;
  // A command frame names a codec too, but holds no video.
  if (first === undefined || ((first >> 4) & 0x07) === command) return noVideo;
  if ((first & 0x80) !== 0) return readEnhancedVideo(data, first);
  const codec = videoCodecs[first & 0x0f];
  const packet = data[1];
  const hasPackets = (first & 0x0f) === h264 || codec === "hevc";
  const isFrame = hasPackets ? packet === avcPacket.frame : data.length > 1;
  const isSetUp = (first & 0x0f) === h264 && packet === avcPacket.setUp;
  return {
    ...{ codec, isFrame, isKeyframe: isFrame && first >> 4 === keyframe },
    ...(isSetUp && { parameters: readAvcConfiguration(data.subarray(5)) }),
  };
}

function readEnhancedVideo(data: Buffer, first: number): VideoTagInfo {
  const { codec, kind } = readEnhanced(data, videoKinds);
  if (kind === undefined) return noVideo;
  const isFrame = kind === enhanced.codedFrames || kind === enhanced.codedFramesX;
  return { codec, isFrame, isKeyframe: isFrame && ((first >> 4) & 0x07) === keyframe };
}

/** Codec and packet type of an Enhanced RTMP tag; nothing for a track other than the first, or a type that names no codec. */
function readEnhanced(
  data: Buffer,
  { last, multitrack }: { readonly last: number; readonly multitrack: number },
): { readonly codec?: string | undefined; readonly kind?: number } {
  const isMultitrack = (data[0]! & 0x0f) === multitrack;
  const kind = data[isMultitrack ? 1 : 0]! & 0x0f;
  if (kind > last || (isMultitrack && data[trackIdAt] !== 0)) return {};
  return { codec: fourCcAt(data, isMultitrack ? 2 : 1), kind };
}

const trackIdAt = 6;

/** Reads the head of an audio tag, in FLV's form or that of Enhanced RTMP. */
export function readAudioTag(data: Buffer): AudioTagInfo {
  const [first] = data;
  if (first === undefined) return { codec: undefined, isSound: false };
  const format = first >> 4;
  if (format === enhancedSound) {
    const { codec, kind } = readEnhanced(data, soundKinds);
    return { codec, isSound: kind === enhanced.codedFrames };
  }
  const isSetUp = format === aac && data[1] === 0;
  return {
    ...{ codec: audioCodecs[format], isSound: !isSetUp && data.length > 1 },
    ...(isSetUp && { parameters: readAudioSpecificConfig(data.subarray(2)) }),
  };
}

const fourCcAt = (data: Buffer, at: number): string | undefined => {
  const fourCc = data.toString("latin1", at, at + 4);
  return fourCcs[fourCc] ?? (/^[\w .-]{4}$/.test(fourCc) ? fourCc.trim() : undefined);
};

const channelCounts = [undefined, 1, 2, 3, 4, 5, 6, 8];
const explicitRate = 15;
const escapedType = 31;

/** Reads an AudioSpecificConfig; undefined for other bytes. */
function readAudioSpecificConfig(bytes: Buffer): SoundParameters | undefined {
  if (bytes.length < 2) return undefined;
  const first = bytes.readUInt16BE(0);
  // Extended object types shift the fields that follow; no camera uses them with AAC.
  if (first >> 11 === escapedType) return undefined;
  const rateIndex = (first >> 7) & 0x0f;
  if (rateIndex === explicitRate) {
    if (bytes.length < 5) return undefined;
    const rest = bytes.readUIntBE(1, 4);
    return { sampleRate: Math.floor(rest / 2 ** 7) % 2 ** 24, channels: channelCounts[Math.floor(rest / 2 ** 3) % 16] };
  }
  const sampleRate = sampleRates[rateIndex];
  return sampleRate === undefined ? undefined : { sampleRate, channels: channelCounts[(first >> 3) & 0x0f] };
}
