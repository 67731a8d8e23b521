import { settings } from "./registry.ts";
import { text } from "./text.ts";

/**
 * The stage's public address, which Owncast gives to its directory and to the Fediverse. Not for stage files: a host derives it
 * from its domain, the command line takes `--server-url`. Owncast cannot clear it again.
 * @example https://live.example.org
 */
export const serverUrl = text({
  min: 9,
  max: 300,
  // Owncast trims slashes at the end: without them, what is written is what reads back.
  pattern: {
    regex: /^https?:\/\/[^\s"'<>\\]*[^\s"'<>\\/]$/u,
    says: "an address such as https://live.example.org, without / at the end",
  },
}).register(settings, {
  write: "serverurl",
  read: "/yp/instanceUrl",
  takesEffect: "live",
  ownDefault: { value: "" },
});
