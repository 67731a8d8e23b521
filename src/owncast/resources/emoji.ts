import { z } from "zod";
import { sha256Of } from "../../../codegen/load/assets.ts";
import { typeByName } from "../../../codegen/schema/core/asset.ts";
import { emojiAsset, ownEmojiFolders } from "../../../codegen/schema/owncast/emoji.ts";
import type { OwncastClient } from "../client/client.ts";
import type { ExportedResource, Found, ResourceKind, Wanted } from "./kind.ts";
import { dataUriOf, exportedPicture, shownPicture } from "./picture.ts";

const listedEmoji = z.looseObject({ name: z.string(), url: z.string() });
type ListedEmoji = z.output<typeof listedEmoji>;

const folder = "/img/emoji/";

const listEmoji = async (client: OwncastClient): Promise<readonly ListedEmoji[]> =>
  (await client.read("/api/emoji", z.array(listedEmoji).nullable())) ?? [];

/** The path of a picture below the folder of emoji; `""` if its address is elsewhere. */
const emojiFile = ({ url }: ListedEmoji): string => (url.startsWith(folder) ? url.slice(folder.length) : "");

/** Pictures for the chat, told apart by name. Owncast refuses to overwrite one, so a changed one is removed first. */
export const emoji: ResourceKind = {
  resource: "emoji",
  async read({ chat }, { client, assets }) {
    const declared = chat?.emoji;
    if (!declared) return undefined;
    const wanted = declared.list.map(({ name, file, sha256 }): Wanted => {
      const type = typeByName(file);
      const create = () =>
        client.post("emoji/upload", { name: `${name}.${type}`, data: dataUriOf({ file, sha256 }, assets) });
      return { key: name, label: name, value: [type, sha256], shown: shownPicture(sha256), create };
    });
    const names = new Set(wanted.map(({ key }) => key));
    const found = await Promise.all((await listEmoji(client)).map((one) => inspect(client, one, names)));
    return { wanted, found, prune: declared.prune ?? false };
  },
  /** Leaves out Owncast's own pictures. If the server has none of them, the exported list is complete. */
  async readForExport({ client, folder: pictures, own }) {
    const listed = await listEmoji(client);
    const list: ExportedResource[] = [];
    for (const one of listed) {
      const file = emojiFile(one);
      if (ownEmojiFolders.some((start) => file.startsWith(`${start}/`))) continue;
      const bytes = await readEmoji(client, file);
      if (bytes && own.includes(sha256Of(bytes))) continue;
      list.push({ label: one.name, ...exportedEmoji(one.name, file, pictures, bytes) });
    }
    return { list, isAll: list.length === listed.length };
  },
};

/** Fetches only the pictures whose names are declared: Owncast's list does not hold their bytes. */
async function inspect(client: OwncastClient, listed: ListedEmoji, declared: ReadonlySet<string>): Promise<Found> {
  const { name } = listed;
  const file = emojiFile(listed);
  const bytes = declared.has(name) ? await readEmoji(client, file) : undefined;
  const sha256 = bytes ? sha256Of(bytes) : "";
  return {
    key: name,
    value: [typeByName(file), sha256],
    shown: bytes ? shownPicture(sha256) : "",
    label: name,
    ...(isBelowFolder(file) && { remove: () => client.post("emoji/delete", { name: file }) }),
  };
}

const readEmoji = async (client: OwncastClient, file: string): Promise<Uint8Array | undefined> =>
  isBelowFolder(file) ? client.readFile(folder + file.split("/").map(encodeURIComponent).join("/")) : undefined;

/** Owncast deletes along any path inside its data folder, so no path that leaves the folder of emoji may reach it. */
export const isBelowFolder = (file: string): boolean =>
  !/[\\\u0000-\u001f]/.test(file) && file.split("/").every((part) => part !== "" && !part.startsWith("."));

function exportedEmoji(name: string, file: string, pictures: string, bytes: Uint8Array | undefined): ExportedResource {
  const type = typeByName(file);
  const path = `${pictures}/emoji-${name}.${type}`;
  const entry = { name, file: path };
  if (!bytes) return { entry, fault: "its picture cannot be read" };
  if (/\p{Lu}/u.test(type)) return { entry, fault: `its file's extension is .${type}; expected lower case` };
  return exportedPicture(emojiAsset, path, entry, bytes);
}
