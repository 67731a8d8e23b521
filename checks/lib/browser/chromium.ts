import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

// The set-up's Chromium, else Debian's.
const program = process.env.CHROMIUM || "/usr/bin/chromium";

/**
 * Starts Chromium without a window. It trusts certificates of the authority in `caFile`, which is Caddy's own, and refuses
 * those of other unknown authorities as usual. The tests' host names resolve to this machine.
 */
export function startChromium(caFile: string): Promise<Browser> {
  return chromium.launch({
    executablePath: program,
    // Root can only run Chromium without its sandbox, also a root of a user namespace.
    chromiumSandbox: false,
    args: [
      // Chromium looks only among the certificates that the server sends. The root is not there, but the intermediate one is.
      "--host-resolver-rules=MAP *.test 127.0.0.1",
      `--ignore-certificate-errors-spki-list=${spkiHash(join(dirname(caFile), "intermediate.crt"))}`,
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
