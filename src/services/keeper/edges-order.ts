import { statSync } from "node:fs";
import { readSmallFile } from "../../lib/small-file.ts";

// The steering service writes it when an edge dies or comes back.
const lookEveryMs = 1000;
const mostBytes = 4096;

/** The present order of pathways, from the file that the steering service writes. Empty while there is none. */
export class EdgesOrder {
  readonly #file: string | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #signature = "";
  #order: readonly string[] = [];

  constructor(file: string | undefined) {
    this.#file = file;
  }

  /** The same array while nothing has changed. Never throws: without an order, the edges' declared order is used. */
  at(nowMs: number): readonly string[] {
    if (this.#file === undefined || nowMs - this.#lookedMs < lookEveryMs) return this.#order;
    this.#lookedMs = nowMs;
    try {
      const { mtimeMs, ino, size } = statSync(this.#file);
      const signature = `${mtimeMs} ${ino} ${size}`;
      if (signature === this.#signature) return this.#order;
      this.#order = readSmallFile(this.#file, mostBytes).split("\n").filter(Boolean);
      this.#signature = signature;
    } catch {
      if (this.#signature !== "") this.#order = [];
      this.#signature = "";
    }
    return this.#order;
  }
}
