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

// A fault that comes and goes within this time is reported once.
const quietMs = 10_000;

/** Faults that must not end the keeper. Each kind is reported once when it begins, and once when it is over. */
export class Faults {
  readonly #say: (line: string) => void;
  readonly #counts = new Map<FaultKind, number>();
  readonly #lasting = new Map<FaultKind, { readonly failedMs: number; readonly works: boolean }>();
  #nowMs = 0;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** Sets the time of the next calls, and reports the faults that are over. */
  at(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const [kind, { failedMs, works }] of this.#lasting) {
      if (!works || nowMs - failedMs < quietMs) continue;
      this.#lasting.delete(kind);
      this.#say(`the keeper ${kinds[kind].works}`);
    }
  }

  failed(kind: FaultKind, error: unknown): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    if (!this.#lasting.has(kind)) {
      const reason = error instanceof Error ? error.message : `${error}`;
      this.#say(
        `the keeper ${kinds[kind].failed}: ${reason}; it goes on from memory, and tries again until this is repaired`,
      );
    }
    this.#lasting.set(kind, { failedMs: this.#nowMs, works: false });
  }

  worked(kind: FaultKind): void {
    const lasting = this.#lasting.get(kind);
    if (lasting) this.#lasting.set(kind, { ...lasting, works: true });
  }

  counts(): FaultCounts {
    const names = Object.keys(kinds) as FaultKind[];
    return new Map(names.map((kind) => [kind, { count: this.#counts.get(kind) ?? 0, lasts: this.#lasting.has(kind) }]));
  }
}
