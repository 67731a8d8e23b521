/** What a kind of fault is called in the log: "cannot read the playlist" and "reads the playlist again". */
export interface FaultWords {
  readonly failed: string;
  readonly works: string;
}

// A fault that comes and goes within this time is reported once.
const quietMs = 10_000;

/** Faults that must not end a service. Each kind is reported once when it begins, and once when it is over. */
export class FaultLog<Kind extends string> {
  readonly #kinds: Readonly<Record<Kind, FaultWords>>;
  readonly #subject: string;
  readonly #say: (line: string) => void;
  readonly #counts = new Map<Kind, number>();
  readonly #lasting = new Map<Kind, { readonly failedMs: number; readonly worked: boolean; readonly reason: string }>();

  /** `subject` begins each line, as in "the captions service". */
  constructor(kinds: Readonly<Record<Kind, FaultWords>>, subject: string, say: (line: string) => void) {
    this.#kinds = kinds;
    this.#subject = subject;
    this.#say = say;
  }

  /** `reason`: for people, with what happens meanwhile. */
  failed(kind: Kind, reason: string, nowMs: number): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    if (!this.#lasting.has(kind)) this.#say(`${this.#subject} ${this.#kinds[kind].failed}: ${reason}`);
    this.#lasting.set(kind, { failedMs: nowMs, worked: false, reason });
  }

  /** Reports the end of a fault if it has worked for a while. */
  worked(kind: Kind, nowMs: number): void {
    const lasting = this.#lasting.get(kind);
    if (!lasting) return;
    if (nowMs - lasting.failedMs < quietMs) {
      this.#lasting.set(kind, { ...lasting, worked: true });
      return;
    }
    this.#lasting.delete(kind);
    this.#say(`${this.#subject} ${this.#kinds[kind].works}`);
  }

  /** The number of faults of each kind, and why each of them lasts. */
  counts(): Readonly<Record<Kind, { readonly count: number; readonly reason: string | undefined }>> {
    const kinds = Object.keys(this.#kinds) as Kind[];
    const rows = kinds.map((kind) => {
      const lasting = this.#lasting.get(kind);
      return [kind, { count: this.#counts.get(kind) ?? 0, reason: lasting?.worked ? undefined : lasting?.reason }];
    });
    return Object.fromEntries(rows);
  }
}
