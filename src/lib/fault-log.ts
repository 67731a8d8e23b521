/** What a kind of fault is called in the log: "cannot read the playlist" and "reads the playlist again". */
export interface FaultWords {
  readonly failed: string;
  readonly works: string;
}

interface FaultCount {
  readonly count: number;
  readonly lasts: boolean;
  readonly reason: string | undefined;
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

  /** It works: the fault is over once it has not come back for a while. */
  worked(kind: Kind, nowMs: number): void {
    const lasting = this.#lasting.get(kind);
    if (!lasting) return;
    this.#lasting.set(kind, { ...lasting, worked: true });
    this.#look(kind, nowMs);
  }

  /** Reports the faults that are over. To be called by a service that does not call `worked` again and again. */
  look(nowMs: number): void {
    for (const kind of this.#lasting.keys()) this.#look(kind, nowMs);
  }

  #look(kind: Kind, nowMs: number): void {
    const lasting = this.#lasting.get(kind);
    if (!lasting?.worked || nowMs - lasting.failedMs < quietMs) return;
    this.#lasting.delete(kind);
    this.#say(`${this.#subject} ${this.#kinds[kind].works}`);
  }

  /** The number of faults of each kind, whether its end is still to be reported, and why it does not work now. */
  counts(): Readonly<Record<Kind, FaultCount>> {
    const kinds = Object.keys(this.#kinds) as Kind[];
    const rows = kinds.map((kind): [Kind, FaultCount] => {
      const lasting = this.#lasting.get(kind);
      const reason = lasting?.worked ? undefined : lasting?.reason;
      return [kind, { count: this.#counts.get(kind) ?? 0, lasts: lasting !== undefined, reason }];
    });
    return Object.fromEntries(rows) as Record<Kind, FaultCount>;
  }
}
