import { settings } from "../core/registry.ts";
import { siteAddress } from "../core/web-address.ts";

/**
 * The stage's public address, which Owncast gives to its directory and to the Fediverse. Not for stage files: a host derives it
 * from its domain, the command line takes `--server-url`. Owncast cannot clear it again, and its page works in no folder of a site.
 * @example https://live.example.org
 */
export const serverUrl = siteAddress().register(settings, {
  write: "serverurl",
  read: "/yp/instanceUrl",
  takesEffect: "live",
  ownDefault: { value: "" },
});
