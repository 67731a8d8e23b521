interface Task {
  readonly atMs: number;
  readonly run: () => void;
}

/** What the schedule tells the time by. Tests pass their own. */
export interface Ticker {
  now(): number;
  /** Calls `run` once after so many ms; the result cancels it. */
  after(ms: number, run: () => void): () => void;
}

const realTicker: Ticker = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Runs tasks at their times with one timer of the system. Thousands of viewers wait in it, and one call ends all of them.
 * After `stop` nothing runs, and the promise of a `sleep` stays as it is.
 */
export class Schedule {
  readonly #ticker: Ticker;
  // A binary heap: the earliest task is the first one.
  readonly #heap: Task[] = [];
  #cancel: (() => void) | undefined;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(ticker: Ticker = realTicker) {
    this.#ticker = ticker;
  }

  /** The time in ms, on the clock of all tasks. */
  now(): number {
    return this.#ticker.now();
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Runs a task after so many ms. */
  after(ms: number, run: () => void): void {
    if (this.#stopped) return;
    this.#push({ atMs: this.now() + ms, run });
    this.#arm();
  }

  /** Resolves after so many ms. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Runs a task again and again, first after `firstMs`. A late run does not delay the later ones. */
  every(ms: number, run: () => void, firstMs = ms): void {
    let due = this.now() + firstMs;
    const again = () => {
      run();
      due = Math.max(due + ms, this.now());
      this.after(due - this.now(), again);
    };
    this.after(firstMs, again);
  }

  stop(): void {
    this.#stopped = true;
    this.#heap.length = 0;
    this.#cancel?.();
  }

  #arm(): void {
    const [first] = this.#heap;
    if (!first || first.atMs >= this.#wakeAtMs) return;
    this.#cancel?.();
    this.#wakeAtMs = first.atMs;
    this.#cancel = this.#ticker.after(Math.max(0, Math.ceil(first.atMs - this.now())), () => this.#wake());
  }

  #wake(): void {
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    this.#cancel = undefined;
    const now = this.now();
    for (let first = this.#heap[0]; first && first.atMs <= now && !this.#stopped; first = this.#heap[0]) {
      this.#pop();
      first.run();
    }
    if (!this.#stopped) this.#arm();
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.atMs <= task.atMs) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = task;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child = right < heap.length && heap[right]!.atMs < heap[left]!.atMs ? right : left;
      if (heap[child]!.atMs >= last.atMs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
