import { z } from "zod";
import { type AssetUse, assetName, assetPath, sha256 } from "../core/asset.ts";
import { settings } from "../core/registry.ts";
import { text } from "../core/text.ts";
import { externalActions } from "./actions.ts";

const variable = text({
  min: 7,
  max: 80,
  pattern: { regex: /^theme-[a-z0-9-]+$/u, says: "a variable of Owncast's page, such as theme-color-action" },
});

const cssValue = text({
  min: 1,
  max: 100,
  pattern: { regex: /^[#a-zA-Z0-9%.,() -]+$/u, says: "a CSS colour or length, such as #7a5cff or 8px" },
});

/**
 * The page's colours and corners: Owncast's CSS variables without the leading dashes. The mapping replaces Owncast's.
 * @example { theme-color-action: "#5277c3", theme-rounded-corners: 4px }
 */
const variables = z.record(variable, cssValue).register(settings, {
  write: "appearance",
  read: "/instanceDetails/appearanceVariables",
  takesEffect: "live",
  ownDefault: { value: {} },
});

/**
 * CSS that is added to the page.
 * @example ".header { letter-spacing: 0.05em; }"
 */
const styles = text({ max: 100_000, multiline: true }).register(settings, {
  write: "customstyles",
  read: "/instanceDetails/customStyles",
  takesEffect: "live",
  ownDefault: { value: "" },
});

/**
 * JavaScript that every viewer's browser runs on the page.
 * @example "document.title += ' live';"
 */
const javascript = text({ max: 100_000, multiline: true }).register(settings, {
  write: "customjavascript",
  read: "/instanceDetails/customJavascript",
  takesEffect: "live",
  ownDefault: { value: "" },
});

/** What the logo's file may be. */
export const logoAsset: AssetUse = { name: "logo", types: ["png", "jpg", "svg"], maxBytes: 1_000_000 };

/**
 * The stage's logo, on the page and in link previews: a PNG, JPEG or SVG file of at most 1 MB, by its path from the
 * stage file's folder. Link previews cannot show SVG: they get Owncast's own logo instead.
 * @example main/logo.png
 */
const logoPath = assetPath(logoAsset);

/**
 * The stage's logo, on the page and in link previews: a PNG, JPEG or SVG file of at most 1 MB.
 * @example { file: logo.png, sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae }
 */
const logo = z
  .strictObject({
    /**
     * The file's name in the folder beside the seed, which has the seed's name.
     * @example logo.png
     */
    file: assetName(logoAsset),
    sha256,
  })
  .register(settings, {
    resource: "logo",
    takesEffect: "live",
    ownDefault: {
      says: "Owncast's own picture, which no setting brings back",
      sha256: ["d03ed8cab477c0e501ca2efaf6d8571716aa6e9b9ecd8a056a53459f9e5c76ab"],
    },
  });

/** What the icon's file may be. Owncast takes 200 KiB for the whole request; the form needs a little of that. */
export const faviconAsset: AssetUse = { name: "favicon", types: ["png", "ico"], maxBytes: 200_000 };

/**
 * The icon in the browser's tab: a PNG or ICO file of at most 200 kB, by its path from the stage file's folder.
 * @example main/favicon.png
 */
const faviconPath = assetPath(faviconAsset);

/**
 * The icon in the browser's tab: a PNG or ICO file of at most 200 kB.
 * @example { file: favicon.png, sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae }
 */
const favicon = z
  .strictObject({
    /**
     * The file's name in the folder beside the seed, which has the seed's name.
     * @example favicon.png
     */
    file: assetName(faviconAsset),
    sha256,
  })
  .register(settings, {
    resource: "favicon",
    takesEffect: "live",
    since: "0.2.5",
    ownDefault: {
      says: "Owncast's own icon",
      sha256: ["923fa4c116d3ef62e51b81a25b07aeb23af5df8fce5ae93a79471fb8be975278"],
    },
  });

const look = z.strictObject({
  variables: variables.exactOptional(),
  styles: styles.exactOptional(),
  javascript: javascript.exactOptional(),
  externalActions: externalActions.exactOptional(),
});

/** How the page looks. Its pictures are files beside the stage file. */
export const appearanceStage = look.extend({
  logo: logoPath.exactOptional(),
  favicon: faviconPath.exactOptional(),
});

/** How the page looks. Its pictures are files beside the seed. */
export const appearanceSeed = look.extend({
  logo: logo.exactOptional(),
  favicon: favicon.exactOptional(),
});
