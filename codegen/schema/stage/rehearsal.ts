import { z } from "zod";
import { settings } from "../core/registry.ts";

/**
 * Whether a rehearsal may send many viewers to this stage. The program must show the stage's token: the secret
 * `rehearsal-token`, which the host makes. Set it to `false` before the audience comes.
 * @example true
 */
const enable = z.boolean().register(settings, {
  takesEffect: "live",
  leftOut: "no rehearsal is allowed",
});

/** Trying out the stage with many viewers before the audience comes. */
export const rehearsal = z.strictObject({ enable: enable.exactOptional() });
