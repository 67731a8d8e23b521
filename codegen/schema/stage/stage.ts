import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type AssetRef, typeByName } from "../core/asset.ts";
import { accessDefaults, accessSeed, accessStage } from "../owncast/access.ts";
import { appearanceSeed, appearanceStage } from "../owncast/appearance.ts";
import { chatSeed, chatStage } from "../owncast/chat.ts";
import { federation } from "../owncast/federation.ts";
import { instance } from "../owncast/instance.ts";
import { integrations } from "../owncast/integrations.ts";
import { notifications } from "../owncast/notifications.ts";
import { contractLadder, expandLadder } from "../owncast/presets.ts";
import { serverUrl } from "../owncast/server-url.ts";
import { storage } from "../owncast/storage.ts";
import { videoSeed, videoStage } from "../owncast/video.ts";

/** A stage file: what people write. Every setting may be left out; what is left out is not managed. */
export const Stage = z.strictObject({
  instance: instance.exactOptional(),
  video: videoStage.exactOptional(),
  chat: chatStage.exactOptional(),
  appearance: appearanceStage.exactOptional(),
  federation: federation.exactOptional(),
  notifications: notifications.exactOptional(),
  storage: storage.exactOptional(),
  integrations: integrations.exactOptional(),
  access: accessStage.exactOptional(),
});
export type Stage = z.output<typeof Stage>;

/** A seed: what is applied. Presets are spelt out, access is always there, secrets are names. */
export const Seed = z.strictObject({
  serverUrl: serverUrl.exactOptional(),
  instance: instance.exactOptional(),
  video: videoSeed.exactOptional(),
  chat: chatSeed.exactOptional(),
  appearance: appearanceSeed.exactOptional(),
  federation: federation.exactOptional(),
  notifications: notifications.exactOptional(),
  storage: storage.exactOptional(),
  integrations: integrations.exactOptional(),
  access: accessSeed,
});
export type SeedValue = z.output<typeof Seed>;

/** What a seed names a file that the stage file names by its path: `name` without its ending is the seed's to choose. */
export type FileLookup = (path: string, name: string) => AssetRef;

const noFiles: FileLookup = (path) => {
  throw new Error(`${path}: this stage names files, and nothing was given to look them up with`);
};

/** The seed that a checked stage file becomes. Pure: the same stage and files give the same seed. */
export function expandStage(
  { video, chat, appearance, access, ...rest }: Stage,
  lookUp: FileLookup = noFiles,
): SeedValue {
  const { ladder, ...otherVideo } = video ?? {};
  const { emoji, ...otherChat } = chat ?? {};
  const { logo, favicon, ...otherAppearance } = appearance ?? {};
  const named = (path: string, name: string): AssetRef => lookUp(path, `${name}.${typeByName(path)}`);
  return Seed.parse({
    ...rest,
    ...(video && {
      video: { ...otherVideo, ...(ladder && { ladder: expandLadder(ladder) }) },
    }),
    ...(chat && {
      chat: {
        ...otherChat,
        ...(emoji && {
          emoji: {
            ...emoji,
            list: emoji.list.map(({ name, file }) => ({ name, ...named(file, `emoji-${name}`) })),
          },
        }),
      },
    }),
    ...(appearance && {
      appearance: {
        ...otherAppearance,
        ...(logo && { logo: named(logo, "logo") }),
        ...(favicon && { favicon: named(favicon, "favicon") }),
      },
    }),
    access: {
      adminPassword: access?.adminPassword ?? accessDefaults.adminPassword,
      streamKeys: access?.streamKeys ?? accessDefaults.streamKeys,
    },
  });
}

/** The shortest stage that means the same: presets by their names, no access where it is what leaving it out gives. Pure. */
export function contractStage({ video, access, ...rest }: Stage): Stage {
  const { ladder, ...otherVideo } = video ?? {};
  const kept = Object.entries(access ?? {}).filter(
    ([key, value]) => !isDeepStrictEqual(value, accessDefaults[key as keyof typeof accessDefaults]),
  );
  const isList = Array.isArray(ladder);
  return {
    ...rest,
    ...(video && { video: { ...otherVideo, ...(ladder && { ladder: isList ? contractLadder(ladder) : ladder }) } }),
    ...(kept.length > 0 && { access: Object.fromEntries(kept) }),
  };
}
