import type { Problem } from "./problem.ts";

/** A place in a file: line and column, from 1; columns count characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A fault by its place in the text, as an index into the string. */
export interface Fault {
  readonly offset: number;
  readonly path: string;
  readonly message: string;
}

const maxProblems = 100;

/** Turns indexes of one text into lines and columns. */
export class TextPositions {
  readonly #text: string;
  readonly #lineStarts: readonly number[];
  constructor(text: string) {
    this.#text = text;
    const starts = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    this.#lineStarts = starts;
  }

  /** Index of the line's first character, and of the line feed that ends it. */
  lineAround(offset: number): { readonly start: number; readonly end: number } {
    const index = this.#lineIndex(offset);
    return { start: this.#lineStarts[index] ?? 0, end: (this.#lineStarts[index + 1] ?? this.#text.length + 1) - 1 };
  }

  at(offset: number): Position {
    const index = this.#lineIndex(offset);
    let column = 1;
    for (const _ of this.#text.slice(this.#lineStarts[index], offset)) column++;
    return { line: index + 1, column };
  }

  #lineIndex(offset: number): number {
    let low = 0;
    for (let high = this.#lineStarts.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Faults as problems, in the order of the file. A file that is wrong from end to end is not repeated in full. */
  problems(file: string, faults: readonly Fault[]): Problem[] {
    const ordered = [...faults].sort((a, b) => a.offset - b.offset);
    const rest = ordered[maxProblems];
    const problems = ordered
      .slice(0, maxProblems)
      .map(({ offset, path, message }) => ({ file, ...this.at(offset), path, message }));
    if (!rest) return problems;
    const message = `${ordered.length - maxProblems} more faults from here on; correct those above first`;
    return [...problems, { file, ...this.at(rest.offset), path: "", message }];
  }
}
