import { text } from "./text.ts";

const address = String.raw`https?:\/\/[^\s"'<>\\]+`;

/** An address of the web: absolute, without spaces, quotes or markup. */
export const webAddress = (max = 500) =>
  text({
    min: 9,
    max,
    pattern: { regex: new RegExp(`^${address}$`, "u"), says: "an address that starts with https:// or http://" },
  });

/** An address of the web, or nothing, which clears it. */
export const webAddressOrEmpty = (max = 500) =>
  text({
    max,
    pattern: {
      regex: new RegExp(`^(?:${address})?$`, "u"),
      says: 'an address that starts with https:// or http://, or ""',
    },
  });
