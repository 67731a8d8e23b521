import { pictureFault } from "../../../codegen/load/assets.ts";
import { pictureType } from "../../../codegen/load/picture.ts";
import { type AssetUse, assetLimits, typeByName } from "../../../codegen/schema/core/asset.ts";
import type { Resource, SecretNaming } from "../../../codegen/schema/core/registry.ts";
import { ownEmojiFolders } from "../../../codegen/schema/owncast/emoji.ts";
import { eventNames, scopeNames } from "../../../codegen/schema/owncast/integrations.ts";
import { isCallable, isSecretWebhook } from "../../../codegen/schema/owncast/webhook-address.ts";
import { secretFault } from "../../lib/secret-file.ts";
import type { OwncastClient } from "../client/client.ts";
import { listAccessTokens } from "../resources/access-tokens.ts";
import { addressOf, emojiFile, isBelowFolder, listEmoji } from "../resources/emoji.ts";
import { sha256Of } from "../resources/picture.ts";
import { listWebhooks, siteOf } from "../resources/webhooks.ts";
import { toWords } from "../resources/words.ts";

/** One thing outside the configuration, as a stage file would say it. */
export interface Thing {
  /** A list's entry, or the whole value of a setting that is one picture. */
  readonly entry: unknown;
  /** Which of a list it is, for people. */
  readonly label?: string;
  /** The entry with nothing in it that might be a secret, where that is something else. */
  readonly shown?: unknown;
  /** A picture: its bytes, and the path by which the entry names it. */
  readonly picture?: { readonly path: string; readonly bytes: Uint8Array };
  /** Why it cannot be said, whatever the schema thinks of the entry. */
  readonly fault?: string;
}

/** Everything of a kind; undefined where the server has no such kind. */
export type Things =
  | { readonly list: readonly Thing[]; readonly isAll?: boolean }
  | { readonly single: Thing | undefined }
  | undefined;

export interface ThingSource {
  readonly client: OwncastClient;
  /** The folder of pictures, by its path from the stage file. */
  readonly folder: string;
  /** SHA-256 of the kind's pictures that a fresh Owncast has. */
  readonly own: readonly string[];
  /** Takes a secret away, and gives what the entry says instead. */
  readonly nameSecret: SecretNaming;
}

/** How each kind is read. */
export const thingReaders: Readonly<Record<Resource, (source: ThingSource) => Promise<Things>>> = {
  logo: async ({ client, folder }) => ({ single: pagePicture("logo", folder, await client.readFile("/logo")) }),
  async favicon({ client, folder }) {
    // It cannot be asked for there: an Owncast that takes one says so, an older one does not know the address.
    if (!(await client.readFile("/api/admin/config/favicon"))) return undefined;
    return { single: pagePicture("favicon", folder, await client.readFile("/favicon.ico")) };
  },
  emoji: readEmoji,
  webhooks: readWebhooks,
  accessTokens: async ({ client }) => ({
    list: (await listAccessTokens(client)).map(({ displayName, scopes }) => ({
      label: displayName,
      entry: { name: displayName, scopes: toWords(scopeNames, scopes ?? []) },
    })),
  }),
};

/** An address that may hold a password or a token becomes a secret; two webhooks with one address have one secret. */
async function readWebhooks({ client, nameSecret }: ThingSource): Promise<Things> {
  const names = new Map<string, { readonly secret: string }>();
  const list = (await listWebhooks(client)).map(({ url, events }) => {
    const words = toWords(eventNames, events ?? []);
    const site = siteOf(url);
    const isSecret = isSecretWebhook(url) && isCallable(url) && secretFault(url) === undefined;
    if (isSecret && !names.has(url))
      names.set(
        url,
        nameSecret({ name: secretNameOf(url), holds: `the address of the webhook at ${site}`, value: url }),
      );
    return { label: site, entry: { url: names.get(url) ?? url, events: words }, shown: { url: site, events: words } };
  });
  return { list };
}

/** A secret's name after a webhook's host: `webhook-discord-com`. */
const secretNameOf = (url: string): string => {
  const host = URL.canParse(url) ? new URL(url).hostname : "";
  return `webhook-${host.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`.slice(0, 60).replace(/-+$/, "");
};

function pagePicture(use: AssetUse, folder: string, bytes: Uint8Array | undefined): Thing | undefined {
  if (!bytes) return undefined;
  const path = `${folder}/${use}.${pictureType(bytes) ?? assetLimits[use].types[0]}`;
  return pictureThing(use, path, path, bytes);
}

/** `file` is what the picture is called, `entry` what names it by its path. */
function pictureThing(use: AssetUse, path: string, entry: unknown, bytes: Uint8Array): Thing {
  const { maxBytes } = assetLimits[use];
  const fault =
    bytes.length > maxBytes
      ? `has ${bytes.length} bytes, expected at most ${maxBytes}`
      : pictureFault({ use, file: path }, bytes);
  return { entry, picture: { path, bytes }, ...(fault !== undefined && { fault }) };
}

/** Those that are not Owncast's own. When it has none of its own any more, the list is all that there should be. */
async function readEmoji({ client, folder, own }: ThingSource): Promise<Things> {
  const listed = await listEmoji(client);
  const things: Thing[] = [];
  for (const one of listed) {
    const file = emojiFile(one);
    if (ownEmojiFolders.some((start) => file.startsWith(`${start}/`))) continue;
    const bytes = isBelowFolder(file) ? await client.readFile(addressOf(file)) : undefined;
    if (bytes && own.includes(sha256Of(bytes))) continue;
    things.push({ label: one.name, ...emojiThing(one.name, file, folder, bytes) });
  }
  return { list: things, isAll: things.length === listed.length };
}

function emojiThing(name: string, file: string, folder: string, bytes: Uint8Array | undefined): Thing {
  const type = typeByName(file);
  const path = `${folder}/emoji-${name}.${type}`;
  const entry = { name, file: path };
  if (!bytes) return { entry, fault: "its picture cannot be read" };
  if (/\p{Lu}/u.test(type)) return { entry, fault: `its file ends in .${type}; expected lower case` };
  return pictureThing("emoji", path, entry, bytes);
}
