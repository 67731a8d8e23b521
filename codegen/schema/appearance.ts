import { z } from "zod";
import { externalActions } from "./actions.ts";
import { settings } from "./registry.ts";
import { text } from "./text.ts";

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

/** How the page looks. */
export const appearance = z.strictObject({
  variables: variables.exactOptional(),
  styles: styles.exactOptional(),
  javascript: javascript.exactOptional(),
  externalActions: externalActions.exactOptional(),
});
