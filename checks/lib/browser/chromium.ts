import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
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
 * Starts Chromium without a window. It trusts certificates of the authority in `caFile`, which is Caddy's own, and refuses
 * those of other unknown authorities as usual. The tests' host names resolve to one address.
 */
export function startChromium(caFile: string, options: ChromiumOptions = {}): Promise<Browser> {
  const { program = chromiumProgram, address = "127.0.0.1", args = [] } = options;
  return chromium.launch({
    executablePath: program,
    // Root can only run Chromium without its sandbox, also a root of a user namespace.
    chromiumSandbox: false,
    args: [
      `--host-resolver-rules=MAP *.test ${address}, MAP localhost ${address}`,
      // Chromium looks only among the certificates that the server sends. The root is not there, but the intermediate one is.
      `--ignore-certificate-errors-spki-list=${spkiHash(join(dirname(caFile), "intermediate.crt"))}`,
      ...args,
    ],
  });
}

/** SHA-256 of a certificate's public key with its type, in base64. */
function spkiHash(certificateFile: string): string {
  const { publicKey } = new X509Certificate(readFileSync(certificateFile));
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
}
