import { z } from "zod";
import { settings } from "../core/registry.ts";
import { text } from "../core/text.ts";
import { webAddress } from "../core/web-address.ts";

const action = z.strictObject({
  /**
   * What the button says.
   * @example Ask a question
   */
  title: text({ min: 1, max: 60, pattern: { regex: /^[^<>]*$/u, says: "a text without < and >" } }),
  /**
   * The page that the button opens. Set either this or `html`.
   * @example https://pad.example.org/questions
   */
  url: webAddress(2000).exactOptional(),
  /**
   * HTML that the button shows instead of a page.
   * @example <p>Questions are collected in the chat.</p>
   */
  html: text({ min: 1, max: 20_000, multiline: true }).exactOptional(),
  /**
   * The button's tooltip.
   * @example Opens the pad with the questions
   */
  description: text({ max: 200 }).exactOptional(),
  /**
   * Address of the button's icon.
   * @example https://pad.example.org/icon.png
   */
  icon: webAddress(2000).exactOptional(),
  /**
   * Colour of the button.
   * @example "#5277c3"
   */
  color: text({
    min: 4,
    max: 9,
    pattern: { regex: /^#[0-9a-fA-F]{3,8}$/u, says: "a colour such as #5277c3" },
  }).exactOptional(),
  /**
   * Whether the page opens in a new window instead of over the video.
   * @example true
   */
  openExternally: z.boolean().exactOptional(),
});
type Action = z.output<typeof action>;

/** Owncast returns all seven keys, even those that were not sent. */
const encodeAction = ({
  title,
  url = "",
  html = "",
  description = "",
  icon = "",
  color = "",
  openExternally = false,
}: Action) => ({
  title,
  url,
  html,
  description,
  icon,
  color,
  openExternally,
});

/** A stage file leaves empty values out. */
const decodeAction = (action: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(action).filter(([, value]) => value !== "" && value !== false));

const titled = action.refine(({ url, html }) => (url === undefined) !== (html === undefined), {
  error: "expected either url or html",
});

/**
 * Buttons above the page's text that open something beside the video. The list replaces Owncast's.
 * @example [{ title: Ask a question, url: "https://pad.example.org/questions" }]
 */
export const externalActions = z
  .array(titled)
  .max(20)
  .register(settings, {
    write: "externalactions",
    read: "/externalActions",
    takesEffect: "live",
    ownDefault: { value: [] },
    encode: (actions: readonly Action[]) => actions.map(encodeAction),
    decode: (actions: readonly Readonly<Record<string, unknown>>[]) => actions.map(decodeAction),
    normalise: (actions: readonly unknown[] | null) => actions ?? [],
  });
