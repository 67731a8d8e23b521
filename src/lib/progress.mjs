// Plain JavaScript, because the set-up uses it before any package is installed.
import { clearInterval, setInterval } from "node:timers";

const showAfterMs = 2000;
const plainEveryMs = 10_000;
// The terminal cuts characters that are wider than their count, such as emoji.
const cutLines = "\x1b[?7l";
const wrapLines = "\x1b[?7h";

/**
 * Runs one step and says so on stderr: a line when it starts, its elapsed time once it lasts over 2 s
 * (live on a terminal, every 10 s elsewhere), a line when it ends. Rethrows the step's errors.
 * @template T
 * @param {string} title what happens, for a person
 * @param {(note: (text: string) => void) => Promise<T>} work may call `note` to show where it stands
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const started = performance.now();
  const live = process.stderr.isTTY === true;
  let detail = "";
  const say = (/** @type {string} */ mark, /** @type {string} */ rest) => {
    const line = `${mark} ${title}${rest}`;
    process.stderr.write(live ? `\r\x1b[2K${cutLines}${toWidth(line)}${wrapLines}` : `${line}\n`);
  };
  say("…", "");
  const ticker = setInterval(
    () => {
      if (performance.now() - started >= showAfterMs) say("…", ` ${elapsed(started)}${detail ? ` (${detail})` : ""}`);
    },
    live ? 250 : plainEveryMs,
  );
  const end = (/** @type {string} */ mark) => {
    clearInterval(ticker);
    say(mark, performance.now() - started >= showAfterMs ? ` ${elapsed(started)}` : "");
    if (live) process.stderr.write("\n");
  };
  try {
    const result = await work((text) => {
      detail = text;
    });
    end("✓");
    return result;
  } catch (error) {
    end("✗");
    throw error;
  }
}

const elapsed = (/** @type {number} */ started) => `${((performance.now() - started) / 1000).toFixed(1)} s`;
// A wrapped line cannot be overwritten.
const toWidth = (/** @type {string} */ line) => line.slice(0, (process.stderr.columns || Number.POSITIVE_INFINITY) - 1);
