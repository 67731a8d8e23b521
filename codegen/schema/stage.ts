import { z } from "zod";
import { accessSeed, accessStage } from "./access.ts";
import { appearance } from "./appearance.ts";
import { chat } from "./chat.ts";
import { federation } from "./federation.ts";
import { instance } from "./instance.ts";
import { notifications } from "./notifications.ts";
import { expandLadder } from "./presets.ts";
import { storage } from "./storage.ts";
import { videoSeed, videoStage } from "./video.ts";

/** A stage file: what people write. Every setting may be left out; what is left out is not managed. */
export const Stage = z.strictObject({
  instance: instance.exactOptional(),
  video: videoStage.exactOptional(),
  chat: chat.exactOptional(),
  appearance: appearance.exactOptional(),
  federation: federation.exactOptional(),
  notifications: notifications.exactOptional(),
  storage: storage.exactOptional(),
  access: accessStage.exactOptional(),
});
export type Stage = z.output<typeof Stage>;

/** A seed: what is applied. Presets are spelt out, access is always there, secrets are names. */
export const Seed = z.strictObject({
  instance: instance.exactOptional(),
  video: videoSeed.exactOptional(),
  chat: chat.exactOptional(),
  appearance: appearance.exactOptional(),
  federation: federation.exactOptional(),
  notifications: notifications.exactOptional(),
  storage: storage.exactOptional(),
  access: accessSeed,
});
export type SeedValue = z.output<typeof Seed>;

/** The seed that a checked stage file becomes. Pure: the same stage gives the same seed. */
export function expandStage({ video, access, ...rest }: Stage): SeedValue {
  const { ladder, ...otherVideo } = video ?? {};
  return Seed.parse({
    ...rest,
    ...(video && {
      video: { ...otherVideo, ...(ladder && { ladder: expandLadder(ladder) }) },
    }),
    access: {
      adminPassword: access?.adminPassword ?? { secret: "admin-password" },
      streamKeys: access?.streamKeys ?? [{ secret: "stream-key" }],
    },
  });
}
