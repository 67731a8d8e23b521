import { type AmfObject, type AmfValue, decodeAmf, encodeAmf } from "../../media/rtmp/amf0.ts";

const numbers = [
  ...["width", "height", "framerate", "videodatarate", "duration", "filesize"],
  ...["audiodatarate", "audiosamplerate", "audiosamplesize", "audiochannels"],
];
const codecs = ["videocodecid", "audiocodecid"];
const mostTextBytes = 200;

/**
 * The description of a stream (`onMetaData`), written anew: what Owncast knows of, each of the type that it expects; it ends on a codec
 * that is neither number nor text. Undefined for other data, which Owncast takes no notice of, and for what cannot be read.
 */
export function cleanMetadata(payload: Buffer, isAmf3: boolean): Buffer | undefined {
  if (isAmf3 && payload[0] !== 0) return undefined;
  const values = decodeAmf(isAmf3 ? payload.subarray(1) : payload);
  const [name, about] = values[0] === "@setDataFrame" ? values.slice(1) : values;
  if (name !== "onMetaData" || typeof about !== "object" || about === null || Array.isArray(about)) return undefined;
  return encodeAmf("onMetaData", Object.fromEntries(Object.entries(about as AmfObject).filter(isKnown)));
}

function isKnown([name, value]: [string, AmfValue]): boolean {
  const isNumber = typeof value === "number" && Number.isFinite(value);
  const isText = typeof value === "string" && Buffer.byteLength(value) <= mostTextBytes;
  if (codecs.includes(name)) return isNumber || isText;
  if (numbers.includes(name)) return isNumber;
  return name === "encoder" ? isText : name === "stereo" && typeof value === "boolean";
}
