import { pictureFault } from "../../../codegen/load/assets.ts";
import { pictureType } from "../../../codegen/load/picture.ts";
import { type AssetUse, assetLimits, typeByName } from "../../../codegen/schema/asset.ts";
import { ownEmojiFolders } from "../../../codegen/schema/emoji.ts";
import { eventNames, scopeNames } from "../../../codegen/schema/integrations.ts";
import type { Resource } from "../../../codegen/schema/registry.ts";
import type { OwncastClient } from "../client.ts";
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
  webhooks: async ({ client }) => ({
    list: (await listWebhooks(client)).map(({ url, events }) => {
      const words = toWords(eventNames, events ?? []);
      return { label: siteOf(url), entry: { url, events: words }, shown: { url: siteOf(url), events: words } };
    }),
  }),
  accessTokens: async ({ client }) => ({
    list: (await listAccessTokens(client)).map(({ displayName, scopes }) => ({
      label: displayName,
      entry: { name: displayName, scopes: toWords(scopeNames, scopes ?? []) },
    })),
  }),
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
