import { putOffReason } from "../../../tools/lanes/alone.mjs";
import { isExhaustive } from "../exhaustive.ts";

/**
 * Options of a test or a group that other tests on the same machine spoil, and that takes minutes. Beside other files `npm test -- --all`
 * puts it off, and runs its file by itself afterwards. A sample and vitest alone run it at once. With `needs`, this comes first:
 * `{ ...needsQuiet, ...needsSpeech }`.
 */
export const needsQuiet: { readonly skip?: true; readonly meta?: { readonly lacks: string } } =
  isExhaustive && process.env.LECTERN_CROWDED === "1" ? { skip: true, meta: { lacks: putOffReason } } : {};
