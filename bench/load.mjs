import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure, times } from "./measure.mjs";

const deep = 20_000;
/** @param {string} part */
const megabyte = (part) => part.repeat(Math.floor(1_000_000 / part.length));
/**
 * @param {number} count
 * @param {(index: number) => string} line
 */
const lines = (count, line) => Array.from({ length: count }, (_, index) => line(index)).join("");

/** The most expensive files. @type {readonly (readonly [string, string])[]} */
const files = [
  ["5 MB", "a".repeat(5_000_000)],
  ["20,000 levels of lists", "[".repeat(deep)],
  ["20,000 levels of closed lists", "[".repeat(deep) + "]".repeat(deep)],
  ["20,000 levels of mappings", "{a: ".repeat(deep)],
  ["20,000 levels of dashes", "- ".repeat(deep)],
  ["1,400 levels of indentation", lines(1400, (level) => `${" ".repeat(level)}a:\n`)],
  ["1 MB of list entries", megabyte("- a\n")],
  ["1 MB of wrong entries", `instance:\n  tags:\n${megabyte("    - 5\n").slice(50)}`],
  ["25,000 unknown settings", lines(25_000, (index) => `n${index}: x\n`)],
  ["25,000 unknown settings on one line", `{${lines(25_000, (index) => `n${index}: x, `)}}`],
  ["25,000 times the same setting", lines(25_000, () => "chat: 5\n")],
  ["25,000 aliases", `a: &a x\n${lines(25_000, (index) => `b${index}: *a\n`)}`],
  ["alias bomb of 2^40", lines(40, (level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]\n`)],
  ["1 MB on one line", megabyte("x")],
  ["1 MB of quotes", megabyte('"')],
  ["1 MB of unclosed quotes", megabyte("a: '\n")],
  ["1 MB of characters to escape", `instance:\n  name: "${megabyte("\\U0001F3A5").slice(60)}"\n`],
  ["1 MB of lines indented too deep", `chat: x\n${megabyte(" a: b\n").slice(50)}`],
];

/** Prints the cost of `lectern check` for the worst files, against an ordinary stage file. */
export function benchLoad() {
  const folder = mkdtempSync(join(tmpdir(), "lectern-bench-"));
  /** @param {string} file */
  const check = (file) => measure(["--import", "tsx", "src/main.ts", "check", file]);
  try {
    check("hosts/live/stages/main.yaml");
    const good = check("hosts/live/stages/main.yaml");
    if (good.status !== 0) throw new Error(good.said);
    console.log(`  ordinary stage file: ${describe(good)}`);
    const results = files.map(([name, text]) => {
      const file = join(folder, "bad.yaml");
      writeFileSync(file, text);
      const result = check(file);
      if (result.status !== 65) throw new Error(`${name}: ended with ${result.status}: ${result.said.slice(0, 500)}`);
      console.log(`  ${name}: ${describe(result)}`);
      return result;
    });
    const cpu = Math.max(...results.map(({ cpuSeconds }) => cpuSeconds)) / good.cpuSeconds;
    const memory = Math.max(...results.map(({ megabytes }) => megabytes)) / good.megabytes;
    console.log(
      `load: the worst file takes ${times(cpu)} the processor time and ${times(memory)} the memory of a good one`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {ReturnType<typeof measure>} result */
const describe = ({ cpuSeconds, megabytes }) =>
  `${cpuSeconds.toFixed(2)} s of processor, ${megabytes.toFixed(0)} MB at most`;
