import type { AssetRef } from "../../../codegen/schema/core/asset.ts";
import type { WriteResult } from "../client/client.ts";
import type { Found, ResourceKind, ResourceServer } from "./kind.ts";
import { bytesOf, dataUriOf, mediaTypeOf, sha256Of, shownPicture } from "./picture.ts";

/** The stage's picture. Owncast tells of it only a file name, so what it shows is compared. */
export const logo: ResourceKind = {
  resource: "logo",
  read: ({ appearance }, server) =>
    readPicture(appearance?.logo, server, "/logo", (ref) =>
      server.client.post("config/logo", { value: dataUriOf(ref, server.assets) }),
    ),
};

/** The icon in the browser's tab: a form with a file, where everything else is JSON. */
export const favicon: ResourceKind = {
  resource: "favicon",
  read: ({ appearance }, server) =>
    readPicture(appearance?.favicon, server, "/favicon.ico", (ref) => {
      const form = new FormData();
      form.set("favicon", new Blob([bytesOf(ref, server.assets)], { type: mediaTypeOf(ref.file) }), ref.file);
      return server.client.post("config/favicon", form);
    }),
};

/** There is always one picture, and writing one replaces it: nothing to be named, nothing to be removed. */
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
