import { createHash, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** The set-up's Chromium, else Debian's. */
export const chromiumProgram = process.env.CHROMIUM || "/usr/bin/chromium";

export interface ChromiumOptions {
  /** Another program in Chromium's place, which takes Chromium's arguments. */
  readonly program?: string;
  /** The address of the tests' host names and of `localhost`. Default: this machine. */
  readonly address?: string;
  /** More of Chromium's arguments. */
  readonly args?: readonly string[];
}

/**
 * Starts Chromium without a window. It trusts the sites of one front or of several by their `caFile`, and refuses those of other
 * unknown authorities as usual. The tests' host names resolve to one address.
 */
export function startChromium(caFiles: string | readonly string[], options: ChromiumOptions = {}): Promise<Browser> {
  const { program = chromiumProgram, address = "127.0.0.1", args = [] } = options;
  return chromium.launch({
    executablePath: program,
    // Root can only run Chromium without its sandbox, also a root of a user namespace.
    chromiumSandbox: false,
    args: [
      `--host-resolver-rules=MAP *.test ${address}, MAP localhost ${address}`,
      `--ignore-certificate-errors-spki-list=${[caFiles].flat().map(sentBeside).map(spkiHash).join()}`,
      ...args,
    ],
  });
}

/** Chromium looks only among the certificates that the server sends: Caddy sends its intermediate authority, and nginx the site's. */
const sentBeside = (caFile: string): string =>
  ["intermediate.crt", "site.pem"].map((name) => join(dirname(caFile), name)).find(existsSync) ?? caFile;

/** SHA-256 of a certificate's public key with its type, in base64. */
function spkiHash(certificateFile: string): string {
  const { publicKey } = new X509Certificate(readFileSync(certificateFile));
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
}
