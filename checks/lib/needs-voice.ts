import { onPath } from "../../src/lib/programs.ts";
import { needs } from "./needs.ts";

/** Options of a test that lets a camera speak. */
export const needsVoice = needs(
  process.env.FLITE !== undefined || onPath("flite") !== undefined,
  "flite → apt-get install -y flite",
);
