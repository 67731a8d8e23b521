import { type FlvTag, flvType } from "../../media/flv.ts";
import { type AmfObject, type AmfValue, decodeAmf, encodeAmf } from "../../media/rtmp/amf0.ts";
import { type RtmpMessage, rtmpType } from "../../media/rtmp/rtmp-messages.ts";
import { RtmpFault } from "../../media/rtmp/rtmp-reader.ts";

const tagHeaderBytes = 11;
const trailerBytes = 4;
const numbers = [
  ...["width", "height", "framerate", "videodatarate", "duration", "filesize"],
  ...["audiodatarate", "audiosamplerate", "audiosamplesize", "audiochannels"],
];
const codecs = ["videocodecid", "audiocodecid"];
const mostTextBytes = 200;

/** The tags for Owncast from a camera's message: none, one, or those of an aggregate. Throws RtmpFault. */
export function forwardedTags(message: RtmpMessage): FlvTag[] {
  const { type, timestampMs, payload } = message;
  switch (type) {
    case rtmpType.audio:
    case rtmpType.video:
      return payload.length === 0 ? [] : [{ type, timestampMs, data: payload }];
    case rtmpType.data:
    case rtmpType.dataAmf3: {
      const data = cleanMetadata(payload, type === rtmpType.dataAmf3);
      return data === undefined ? [] : [{ type: flvType.script, timestampMs, data }];
    }
    case rtmpType.aggregate:
      return splitAggregate(message).flatMap(forwardedTags);
    default:
      return [];
  }
}

/** The messages of an aggregate, which holds FLV tags. Their timestamps are relative to the first one's. Throws RtmpFault. */
function splitAggregate({ timestampMs, payload, streamId }: RtmpMessage): RtmpMessage[] {
  const parts: RtmpMessage[] = [];
  let first: number | undefined;
  for (let at = 0; at < payload.length; ) {
    const end =
      at + tagHeaderBytes <= payload.length ? at + tagHeaderBytes + payload.readUIntBE(at + 1, 3) : Number.NaN;
    if (!(end + trailerBytes <= payload.length)) throw new RtmpFault("an aggregate that is cut off");
    const type = payload[at]!;
    if (type === rtmpType.aggregate) throw new RtmpFault("an aggregate within an aggregate");
    const time = payload[at + 7]! * 2 ** 24 + payload.readUIntBE(at + 4, 3);
    first ??= time;
    const sum = timestampMs + time - first;
    parts.push({ type, streamId, timestampMs: sum >>> 0, payload: payload.subarray(at + tagHeaderBytes, end) });
    at = end + trailerBytes;
  }
  return parts;
}

/**
 * Rewrites a stream's metadata (`onMetaData`) with only the fields that Owncast knows, each of the type that it expects: Owncast
 * crashes on a codec that is neither number nor text. Undefined for other data, which Owncast ignores, and for unreadable data.
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
