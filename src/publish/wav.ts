const pcm = 1;
const headBytes = 12;
const chunkHeadBytes = 8;
const formatBytes = 16;
const bitsPerSample = 16;

/** The sound of a WAV file, without its head. Throws if it is not PCM of 16 bit in this format, or has no sound. */
export function pcmOfWav(
  wav: Buffer,
  { sampleRate, channels }: { readonly sampleRate: number; readonly channels: number },
): Buffer {
  if (wav.toString("latin1", 0, 4) !== "RIFF" || wav.toString("latin1", 8, headBytes) !== "WAVE")
    throw new Error("its output is not a WAV file");
  let isFitting = false;
  for (let at = headBytes; at + chunkHeadBytes <= wav.length; ) {
    const name = wav.toString("latin1", at, at + 4);
    const length = wav.readUInt32LE(at + 4);
    const body = wav.subarray(at + chunkHeadBytes, at + chunkHeadBytes + length);
    if (body.length < length) throw new Error("its WAV file is cut off");
    if (name === "fmt " && length >= formatBytes)
      isFitting =
        body.readUInt16LE(0) === pcm &&
        body.readUInt16LE(2) === channels &&
        body.readUInt32LE(4) === sampleRate &&
        body.readUInt16LE(14) === bitsPerSample;
    if (name === "data") {
      if (!isFitting) throw new Error(`its sound is not ${sampleRate} Hz, 16 bit, ${channels} channel`);
      if (length < 2) break;
      return body.subarray(0, length - (length % 2));
    }
    // Chunks start at even places.
    at += chunkHeadBytes + length + (length % 2);
  }
  throw new Error("its WAV file has no sound");
}
