import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

// The set-up names it; else where Debian puts it.
const program = process.env.CHROMIUM || "/usr/bin/chromium";

/**
 * Starts Chromium without a window. Of certificates that no public authority vouches for, it takes those alone that the
 * authority in `caFile` made, Caddy's own: any other is refused as ever. Names that only tests have lead to this machine.
 */
export function startChromium(caFile: string): Promise<Browser> {
  return chromium.launch({
    executablePath: program,
    // Root has no other way, nor has who is root in a namespace only.
    chromiumSandbox: false,
    args: [
      // Looked up in what the server sends, where the root is not: hence the authority's intermediate certificate.
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
