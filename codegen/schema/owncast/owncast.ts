import { z } from "zod";
import { type Field, owncastFieldsOf } from "../core/fields.ts";
import { type ConfigMeta, type OwncastMeta, type ResourceMeta, settings } from "../core/registry.ts";
import { siteAddress } from "../core/web-address.ts";
import { accessSeed, accessStage } from "./access.ts";
import { appearanceSeed, appearanceStage } from "./appearance.ts";
import { chatSeed, chatStage } from "./chat.ts";
import { federation } from "./federation.ts";
import { instance } from "./instance.ts";
import { integrations } from "./integrations.ts";
import { notifications } from "./notifications.ts";
import { storage } from "./storage.ts";
import { videoSeed, videoStage } from "./video.ts";

/** What a stage file can say about Owncast. */
export const owncastStage = z.strictObject({
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

/**
 * The stage's public address, which Owncast gives to its directory and to the Fediverse. It is not for stage files: a
 * host derives it from its domain, and the command line takes `--server-url`. Owncast cannot clear it again. Its page
 * works only at the root of a site.
 * @example https://live.example.org
 */
const serverUrl = siteAddress().register(settings, {
  write: "serverurl",
  read: "/yp/instanceUrl",
  takesEffect: "live",
  ownDefault: { value: "" },
});

/** What a seed can say about Owncast. */
export const owncastSeed = z.strictObject({
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

/** Every setting of Owncast, in the seed's order. */
export const owncastFields: readonly Field<OwncastMeta>[] = owncastFieldsOf(owncastSeed);

/** The settings that are one value of Owncast's configuration. */
export const configFields: readonly Field<ConfigMeta>[] = owncastFields.filter(
  (field): field is Field<ConfigMeta> => field.meta.write !== undefined,
);

/** The settings that are resources outside it: files, webhooks, access tokens. */
export const resourceFields: readonly Field<ResourceMeta>[] = owncastFields.filter(
  (field): field is Field<ResourceMeta> => field.meta.resource !== undefined,
);
