import { provision } from "../tools/setup/provision.mjs";
import { inNamespaces } from "./namespace.mjs";

const needs = /** @type {const} */ (["npm", "ffmpeg", "namespaces", "speech", "sounds"]);

/**
 * Prints what the speech engines cost, how many words they get wrong, how late they are, and how many words they hear in ten minutes
 * each of silence, applause and music.
 */
export const benchSpeech = () =>
  inNamespaces(
    "speech",
    async () => {
      const { runSpeech } = await import("./speech/run.ts");
      await runSpeech();
    },
    (signal) => provision(needs, { signal, isSpeechOptional: false }),
  );
