const hideCursor = "\x1b[?25l";
const showCursor = "\x1b[?25h";
// The terminal cuts characters that are wider than their count, such as emoji.
const cutLines = "\x1b[?7l";
const wrapLines = "\x1b[?7h";
const clearBelow = "\x1b[J";
const usualSize = { columns: 80, rows: 24 };

/** The terminal that shows the block. */
type Terminal = Pick<NodeJS.WriteStream, "write"> & { readonly columns?: number; readonly rows?: number };

/** Lines on a terminal that the next ones overwrite. Call `end` at every end of the program. */
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
    const text = fitting.map((line) => `${line}\n`).join("");
    this.#terminal.write(`${hideCursor}${cutLines}${this.#toTop()}${text}${wrapLines}`);
    this.#shown = fitting.length;
  }

  /** Leaves the last lines in place and shows the cursor again. */
  end(): void {
    this.#terminal.write(`${wrapLines}${showCursor}`);
    this.#shown = 0;
  }

  #toTop(): string {
    return this.#shown === 0 ? "" : `\r\x1b[${this.#shown}A${clearBelow}`;
  }
}

const colour = /\x1b\[\d+m/g;

/** Cuts a line so that it does not wrap: a wrapped line cannot be overwritten. Colours take no room. */
function cutTo(line: string, columns: number): string {
  if ([...line.replace(colour, "")].length <= columns) return line;
  let [room, cut] = [columns - 1, ""];
  for (const part of line.split(/(\x1b\[\d+m)/)) {
    const isColour = part.startsWith("\x1b[");
    const characters = [...part];
    cut += isColour ? part : characters.slice(0, room).join("");
    if (!isColour) room = Math.max(0, room - characters.length);
  }
  return `${cut}…`;
}
