import { z } from "zod";
import { settings } from "./registry.ts";

/**
 * Whether viewers have a chat beside the video.
 * @example true
 */
const enabled = z.boolean().register(settings, {
  write: "chat/disable",
  read: "/chatDisabled",
  takesEffect: "live",
  ownDefault: { value: true },
  encode: (on: boolean) => !on,
});

/** The chat beside the video. */
export const chat = z.strictObject({ enabled: enabled.exactOptional() });
