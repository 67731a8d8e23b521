import { expect, it } from "vitest";
import { LiveBlock } from "./live-block.ts";

function terminal(size: { readonly columns?: number; readonly rows?: number }) {
  const written: string[] = [];
  return { ...size, written, write: (text: string) => written.push(text) > 0 };
}

it("overwrites the lines that it has shown, and restores the cursor", () => {
  const screen = terminal({ columns: 40, rows: 10 });
  const block = new LiveBlock(screen);
  block.show(["one", "two"]);
  block.show(["three"]);
  block.end();
  expect(screen.written).toEqual([
    "\x1b[?25l\x1b[?7lone\ntwo\n\x1b[?7h",
    "\x1b[?25l\x1b[?7l\r\x1b[2A\x1b[Jthree\n\x1b[?7h",
    "\x1b[?7h\x1b[?25h",
  ]);
});

it("cuts lines that do not fit, because it cannot overwrite a wrapped or scrolled line; colours take no space", () => {
  const screen = terminal({ columns: 6, rows: 3 });
  new LiveBlock(screen).show(["12345", "\x1b[31m123\x1b[0m4567", "never"]);
  expect(screen.written[0]).toBe("\x1b[?25l\x1b[?7l12345\n\x1b[31m123\x1b[0m4…\n\x1b[?7h");
});

// The terminal cuts wide characters. A line that wraps would stay on the screen.
it("never lets a line wrap or cuts a character in two", () => {
  const screen = terminal({ columns: 6, rows: 3 });
  new LiveBlock(screen).show(["東京東京", "123🎥🎥"]);
  expect(screen.written[0]).toBe("\x1b[?25l\x1b[?7l東京東京\n123🎥🎥\n\x1b[?7h");
  new LiveBlock(screen).show(["🎥🎥🎥🎥🎥🎥🎥"]);
  expect(screen.written[1]).toContain("🎥🎥🎥🎥…\n");
});

it("assumes a usual size if the terminal does not know its own", () => {
  const screen = terminal({ columns: 0, rows: 0 });
  new LiveBlock(screen).show(["a line that is longer than nothing"]);
  expect(screen.written[0]).toContain("longer than nothing");
});
