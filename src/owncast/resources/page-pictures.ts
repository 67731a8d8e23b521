import { sha256Of } from "../../../codegen/load/assets.ts";
import { pictureType } from "../../../codegen/load/picture.ts";
import type { AssetRef, AssetUse } from "../../../codegen/schema/core/asset.ts";
import { faviconAsset, logoAsset } from "../../../codegen/schema/owncast/appearance.ts";
import type { WriteResult } from "../client/client.ts";
import type { ExportedResource, Found, ResourceKind, ResourceServer } from "./kind.ts";
import { bytesOf, dataUriOf, exportedPicture, mediaTypeOf, shownPicture } from "./picture.ts";

/** The stage's picture. Owncast's configuration holds only its file name, so the public picture is compared. */
export const logo: ResourceKind = {
  resource: "logo",
  read: ({ appearance }, server) =>
    readPicture(appearance?.logo, server, "/logo", (ref) =>
      server.client.post("config/logo", { value: dataUriOf(ref, server.assets) }),
    ),
  readForExport: async ({ client, folder }) => ({
    single: pagePicture(logoAsset, folder, await client.readFile("/logo")),
  }),
};

/** The icon in the browser's tab. Owncast takes it as a form with a file; everything else is JSON. */
export const favicon: ResourceKind = {
  resource: "favicon",
  read: ({ appearance }, server) =>
    readPicture(appearance?.favicon, server, "/favicon.ico", (ref) => {
      const form = new FormData();
      form.set("favicon", new Blob([bytesOf(ref, server.assets)], { type: mediaTypeOf(ref.file) }), ref.file);
      return server.client.post("config/favicon", form);
    }),
  async readForExport({ client, folder }) {
    // An Owncast that takes a favicon refuses a GET there. An older one has no such path (404).
    if (!(await client.readFile("/api/admin/config/favicon"))) return undefined;
    return { single: pagePicture(faviconAsset, folder, await client.readFile("/favicon.ico")) };
  },
};

/** There is always exactly one picture, and writing one replaces it: it needs no name and is never removed. */
async function readPicture(
  ref: AssetRef | undefined,
  { client }: ResourceServer,
  address: string,
  write: (ref: AssetRef) => Promise<WriteResult>,
) {
  if (!ref) return undefined;
  const bytes = await client.readFile(address);
  const shown = shownPicture(ref.sha256);
  const sha256 = bytes && sha256Of(bytes);
  const found: Found[] = sha256 ? [{ key: "", value: sha256, shown: shownPicture(sha256), label: address }] : [];
  return { wanted: [{ key: "", label: "", value: ref.sha256, shown, create: () => write(ref) }], found, prune: false };
}

function pagePicture(use: AssetUse, folder: string, bytes: Uint8Array | undefined): ExportedResource | undefined {
  if (!bytes) return undefined;
  const path = `${folder}/${use.name}.${pictureType(bytes) ?? use.types[0]}`;
  return exportedPicture(use, path, path, bytes);
}
