/** What the set-up of an AAC decoder says. */
export interface SoundParameters {
  /** Samples per second. */
  readonly sampleRate: number;
  /** Undefined where the stream itself says it. */
  readonly channels: number | undefined;
}

const sampleRates = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];
const channelCounts = [undefined, 1, 2, 3, 4, 5, 6, 8];
const explicitRate = 15;
const escapedType = 31;

/** Reads an AudioSpecificConfig, as FLV and MP4 carry it; undefined for anything else. */
export function readAudioSpecificConfig(bytes: Buffer): SoundParameters | undefined {
  if (bytes.length < 2) return undefined;
  const first = bytes.readUInt16BE(0);
  // Extended object types shift what follows; no camera uses them with AAC.
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
