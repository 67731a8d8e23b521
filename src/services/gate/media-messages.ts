import { type FlvTag, flvType } from "../../media/flv.ts";
import { type RtmpMessage, rtmpType } from "../../media/rtmp/rtmp-messages.ts";
import { RtmpFault } from "../../media/rtmp/rtmp-reader.ts";
import { cleanMetadata } from "./metadata.ts";

const tagHeaderBytes = 11;
const trailerBytes = 4;

/** What of a camera's message goes on to Owncast: nothing, one piece, or an aggregate's pieces. Throws RtmpFault. */
export function mediaParts(message: RtmpMessage): FlvTag[] {
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
      return splitAggregate(message).flatMap(mediaParts);
    default:
      return [];
  }
}

/** The messages that one aggregate message holds, each a tag of FLV; their times count from the first one's. Throws RtmpFault. */
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
