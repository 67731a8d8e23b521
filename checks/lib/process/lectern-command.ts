import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const { NODE24 } = process.env;
const tsx = createRequire(import.meta.url).resolve("tsx");

/**
 * Runs TypeScript, as the first words of a command line: the Node that hosts have, which needs no loader and starts in a third of
 * the time. If the set-up did not bring it, this Node with tsx.
 */
export const runTypeScript: readonly string[] = NODE24 ? [NODE24] : [process.execPath, "--import", tsx];

/** The command line of `lectern …`, in a process of its own. */
export const lecternCommand = (...words: readonly string[]): string[] => [
  ...runTypeScript,
  fileURLToPath(new URL("../../../src/main.ts", import.meta.url)),
  ...words,
];
