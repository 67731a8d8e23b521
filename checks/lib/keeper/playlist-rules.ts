import { parse, setOptions, type types } from "hls-parser";
import { readSegmentName } from "../../../src/media/segment-name.ts";

/**
 * The rules of RFC 8216 and of the design for one variant's answers over time. Throws an Error that names the broken rule.
 * One object watches one variant, from its first answer on.
 */
export class AnswerRules {
  readonly #sequenceOf = new Map<string, number>();
  readonly #uriAt = new Map<number, string>();
  readonly #discontinuityOf: Map<string, number>;
  #last: types.MediaPlaylist | undefined;

  /** @param discontinuityOf by session; all variants of a stage share it, as players match variants by it */
  constructor(discontinuityOf: Map<string, number> = new Map()) {
    this.#discontinuityOf = discontinuityOf;
  }

  /**
   * Checks an answer; undefined if there was none and players asked Owncast itself. `isPart`: it lists only the first segments of the list
   * that its target duration is for.
   */
  check(text: string | undefined, isPart = false): void {
    if (text === undefined) {
      if (this.#last) this.#beginAnew();
      return;
    }
    setOptions({ silent: true, strictMode: true });
    // The library takes the line for low latency, and then asks for more.
    const playlist = parse(text.replace(/^#EXT-X-SERVER-CONTROL:HOLD-BACK=\d+\n/m, "")) as types.MediaPlaylist;
    const { segments, targetDuration, endlist, discontinuitySequenceBase = 0 } = playlist;
    if (this.#last?.endlist && this.#last.source !== playlist.source) this.#beginAnew();
    const last = this.#last;
    rule(segments.length > 0, "it lists something");
    rule(
      (playlist.mediaSequenceBase ?? 0) >= (last?.mediaSequenceBase ?? 0),
      "the media sequence never goes back (6.2.2)",
    );
    rule(
      discontinuitySequenceBase >= (last?.discontinuitySequenceBase ?? 0),
      "the discontinuity sequence never goes back (6.2.2)",
    );
    for (const { uri, duration, mediaSequenceNumber, discontinuitySequence } of segments) {
      rule(Math.round(duration) <= targetDuration, "no segment is longer than the target duration (4.3.3.1)");
      rule(
        (this.#uriAt.get(mediaSequenceNumber) ?? uri) === uri,
        "a sequence number never names another segment (6.2.2)",
      );
      this.#uriAt.set(mediaSequenceNumber, uri);
      const session = readSegmentName(uri)?.session;
      if (session === undefined) {
        rule(endlist, "the clip that says that nobody publishes is listed only at the end");
        continue;
      }
      rule((this.#sequenceOf.get(uri) ?? mediaSequenceNumber) === mediaSequenceNumber, "a segment never moves (6.2.2)");
      this.#sequenceOf.set(uri, mediaSequenceNumber);
      const known = this.#discontinuityOf.get(session) ?? discontinuitySequence;
      rule(known === discontinuitySequence, "a session has one discontinuity number, in every variant (6.2.4)");
      this.#discontinuityOf.set(session, discontinuitySequence);
    }
    const numbers = [...this.#discontinuityOf.values()];
    rule(new Set(numbers).size === numbers.length, "two sessions have a discontinuity between them (4.3.2.3)");
    if (!endlist && !isPart) {
      const longest = Math.max(1, ...segments.map(({ duration }) => Math.round(duration)));
      rule(targetDuration <= longest, "the target duration ends with the segment that needed it (ADR 0027)");
    }
    this.#last = playlist;
  }

  /** A list that has ended (4.3.3.4) or is absent gets no more segments: the next list is another stream. */
  #beginAnew(): void {
    for (const map of [this.#sequenceOf, this.#uriAt, this.#discontinuityOf]) map.clear();
    this.#last = undefined;
  }
}

function rule(holds: boolean, text: string): void {
  if (!holds) throw new Error(`rule broken: ${text}`);
}
