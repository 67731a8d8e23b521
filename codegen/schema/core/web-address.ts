import { text } from "./text.ts";

const sign = String.raw`[^\s"'<>\\]`;
const address = String.raw`https?:\/\/${sign}+`;
// Neither a query nor a fragment, and no slash at the end.
const joined = String.raw`https?:\/\/[^\s"'<>\\?#]*[^\s"'<>\\?#/]`;
const bareHost = String.raw`https?:\/\/(?:\[[0-9A-Fa-f:.]+\]|[^\s"'<>\\/?#@:[\]]+)`;

const orNothing = (pattern: string): RegExp => new RegExp(`^(?:${pattern})?$`, "u");

/** An address of the web: absolute, without spaces, quotes or markup. */
export const webAddress = (max = 500) =>
  text({
    min: 9,
    max,
    pattern: { regex: new RegExp(`^${address}$`, "u"), says: "an address that starts with https:// or http://" },
  });

/**
 * An address to which Owncast appends a path. A slash at its end would be doubled, and a query would swallow the path.
 */
export const baseAddress = (max = 500) =>
  text({
    min: 9,
    max,
    pattern: {
      regex: new RegExp(`^${joined}$`, "u"),
      says: "an address such as https://s3.example.com, without / at the end and without ? or #, because Owncast appends a path",
    },
  });

/** The same, or an empty text, which clears the setting. */
export const baseAddressOrEmpty = (max = 500) =>
  text({
    max,
    pattern: {
      regex: orNothing(joined),
      says: 'an address such as https://cdn.example.com, without / at the end and without ? or #, because Owncast appends a path; or ""',
    },
  });

/** The address of a host without a path, or an empty text, which clears the setting. */
export const hostAddressOrEmpty = (max = 300) =>
  text({
    max,
    pattern: {
      regex: orNothing(bareHost),
      says: 'a host such as https://chat.example.org, without port and path, because the page adds its own; or ""',
    },
  });

/** The address of a site: a host, perhaps with a port. */
export const siteAddress = (max = 300) =>
  text({
    min: 9,
    max,
    pattern: {
      regex: new RegExp(`^${bareHost}(?::\\d{1,5})?$`, "u"),
      says: "an address such as https://live.example.org, without a path and without / at the end",
    },
  });

/** The allowed kinds of links: to the web, to an account of XMPP or Matrix, to a mailbox. */
export const linkAddress = (max = 500) =>
  text({
    min: 8,
    max,
    pattern: {
      regex: new RegExp(`^(?:${address}|(?:xmpp|matrix|mailto):${sign}+)$`, "u"),
      says: "an address that starts with https://, http://, xmpp:, matrix: or mailto:",
    },
  });
