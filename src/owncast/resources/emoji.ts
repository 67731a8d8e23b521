import { z } from "zod";
import { typeByName } from "../../../codegen/schema/core/asset.ts";
import type { OwncastClient } from "../client/client.ts";
import { readAs } from "../client/response-shape.ts";
import type { Found, ResourceKind, Wanted } from "./kind.ts";
import { dataUriOf, sha256Of, shownPicture } from "./picture.ts";

const listedEmoji = z.looseObject({ name: z.string(), url: z.string() });
type ListedEmoji = z.output<typeof listedEmoji>;

const folder = "/img/emoji/";

/** What the server has: names, and the addresses of the pictures. */
export const listEmoji = async (client: OwncastClient): Promise<readonly ListedEmoji[]> =>
  (await readAs(client, "/api/emoji", z.array(listedEmoji).nullable())) ?? [];

/** The path of a picture below the folder of emoji; `""` for an address elsewhere. */
export const emojiFile = ({ url }: ListedEmoji): string => (url.startsWith(folder) ? url.slice(folder.length) : "");

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
};

/** Only a picture whose name is declared is fetched; Owncast's list says nothing of the bytes. */
async function inspect(client: OwncastClient, listed: ListedEmoji, declared: ReadonlySet<string>): Promise<Found> {
  const { name } = listed;
  const file = emojiFile(listed);
  const safe = isBelowFolder(file);
  const bytes = safe && declared.has(name) ? await client.readFile(addressOf(file)) : undefined;
  const sha256 = bytes ? sha256Of(bytes) : "";
  return {
    key: name,
    value: [typeByName(file), sha256],
    shown: bytes ? shownPicture(sha256) : "",
    label: name,
    ...(safe && { remove: () => client.post("emoji/delete", { name: file }) }),
  };
}

/** Owncast deletes along any path inside its data folder, so nothing that could lead out of the emoji is passed to it. */
export const isBelowFolder = (file: string): boolean =>
  !/[\\\u0000-\u001f]/.test(file) && file.split("/").every((part) => part !== "" && !part.startsWith("."));

/** Where the server shows a picture of the folder of emoji. */
export const addressOf = (file: string): string => folder + file.split("/").map(encodeURIComponent).join("/");
