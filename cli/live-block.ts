const hideCursor = "\x1b[?25l";
const showCursor = "\x1b[?25h";
const clearBelow = "\x1b[J";
const usualSize = { columns: 80, rows: 24 };

/** Where a block of lines is shown. */
type Terminal = Pick<NodeJS.WriteStream, "write"> & { readonly columns?: number; readonly rows?: number };

/** Lines on a terminal that are written over by the next ones. Whatever ends the program, call `end`. */
export class LiveBlock {
  readonly #terminal: Terminal;
  #shown = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Shows these lines in place of the last ones, cut to what fits. */
  show(lines: readonly string[]): void {
    // A terminal that does not know its size says 0.
    const columns = this.#terminal.columns || usualSize.columns;
    const rows = this.#terminal.rows || usualSize.rows;
    const fitting = lines.slice(0, Math.max(1, rows - 1)).map((line) => cutTo(line, columns - 1));
    this.#terminal.write(`${hideCursor}${this.#toTop()}${fitting.map((line) => `${line}\n`).join("")}`);
    this.#shown = fitting.length;
  }

  /** Leaves the last lines where they are and gives the cursor back. */
  end(): void {
    this.#terminal.write(showCursor);
    this.#shown = 0;
  }

  #toTop(): string {
    return this.#shown === 0 ? "" : `\r\x1b[${this.#shown}A${clearBelow}`;
  }
}

const colour = /\x1b\[\d+m/g;

/** A line that does not wrap: what wraps cannot be written over. Colours take no place. */
function cutTo(line: string, columns: number): string {
  if (line.replace(colour, "").length <= columns) return line;
  let [room, cut] = [columns - 1, ""];
  for (const part of line.split(/(\x1b\[\d+m)/)) {
    const isColour = part.startsWith("\x1b[");
    cut += isColour ? part : part.slice(0, room);
    if (!isColour) room = Math.max(0, room - part.length);
  }
  return `${cut}…`;
}
