import { needs } from "../needs.ts";

/** Options of a test that needs the speech engines. */
export const needsSpeech = needs(Boolean(process.env.SPEECH), "the speech engines → npm run test:e2e sets them up");

/** Options of a test that also hears applause or music. */
export const needsSounds = needs(
  Boolean(process.env.SPEECH && process.env.SOUNDS),
  "applause and music → npm run test:e2e fetches Debian's frozen-bubble-data",
);
