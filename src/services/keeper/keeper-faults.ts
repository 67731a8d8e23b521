import { reasonOf } from "../../lib/error-cause.ts";
import { FaultLog } from "../../lib/fault-log.ts";

/** Faults that do not stop the keeper, with the words for the log. */
const kinds = {
  playlists: { failed: "cannot read Owncast's playlists", works: "reads Owncast's playlists again" },
  segments: { failed: "cannot keep segments", works: "keeps segments again" },
  sweep: { failed: "cannot remove old segments", works: "removes old segments again" },
  state: { failed: "cannot write its state", works: "writes its state again" },
  look: { failed: "cannot look at Owncast's folder", works: "looks at Owncast's folder again" },
} as const;

export type FaultKind = keyof typeof kinds;

/** The number of faults of each kind, and whether each lasts. */
export type FaultCounts = ReadonlyMap<FaultKind, { readonly count: number; readonly lasts: boolean }>;

/** Faults that must not end the keeper. Each kind is reported once when it begins, and once when it is over. */
export class Faults {
  readonly #log: FaultLog<FaultKind>;
  #nowMs = 0;

  constructor(say: (line: string) => void) {
    this.#log = new FaultLog(kinds, "the keeper", say);
  }

  /** Sets the time of the next calls, and reports the faults that are over. */
  at(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#log.look(nowMs);
  }

  failed(kind: FaultKind, error: unknown): void {
    const meanwhile = "it goes on from memory, and tries again until this is repaired";
    this.#log.failed(kind, `${reasonOf(error)}; ${meanwhile}`, this.#nowMs);
  }

  worked(kind: FaultKind): void {
    this.#log.worked(kind, this.#nowMs);
  }

  counts(): FaultCounts {
    return new Map(Object.entries(this.#log.counts()) as [FaultKind, { count: number; lasts: boolean }][]);
  }
}
