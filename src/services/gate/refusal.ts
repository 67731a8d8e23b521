import { RtmpFault } from "../../media/rtmp/rtmp-reader.ts";

/** Why a camera was refused or its stream ended, as status and metrics count it. */
export type RefusalReason =
  | "too-many-connections"
  | "too-slow"
  | "too-early"
  | "silent"
  | "gone"
  | "closing"
  | "not-rtmp"
  | "wrong-application"
  | "not-a-publisher"
  | "wrong-key"
  | "too-many-wrong-keys"
  | "on-air"
  | "replaced"
  | "unsupported-codec"
  | "no-captions"
  | "owncast-busy"
  | "owncast-refused"
  | "owncast-ended"
  | "owncast-unreachable";

/** RTMP's status codes, which cameras know. */
export type StatusCode =
  | "NetConnection.Connect.InvalidApp"
  | "NetStream.Play.Failed"
  | "NetStream.Publish.BadName"
  | "NetStream.Publish.Denied"
  | "NetStream.Publish.Failed";

/** A camera is refused. `message` is for the camera's operator, and never holds a key. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: RefusalReason;
  readonly code: StatusCode;
  /** What to do about it, if known. */
  readonly remedy: string | undefined;
  constructor(
    reason: RefusalReason,
    message: string,
    code: StatusCode = "NetStream.Publish.Denied",
    remedy: string | undefined = undefined,
  ) {
    super(message);
    this.reason = reason;
    this.code = code;
    this.remedy = remedy;
  }

  /** The text that the camera gets. */
  get description(): string {
    return this.remedy === undefined ? this.message : `${this.message}; ${this.remedy}`;
  }
}

/** The refusal for any error. */
export function refusalFor(error: Error): Refusal {
  if (error instanceof Refusal) return error;
  const reason = error instanceof RtmpFault ? "not-rtmp" : "gone";
  return new Refusal(reason, error.message, "NetStream.Publish.Failed");
}
