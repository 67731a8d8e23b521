import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import { codeOf, reasonOf } from "../lib/error-cause.ts";
import { CliError, ExitCode } from "../lib/errors.ts";
import { readSmallText } from "../lib/small-file.ts";

/** Trusts the authorities in a PEM file besides the well-known ones. Throws CliError 65 when it cannot be used. */
export async function trusting(caFile: string): Promise<SecureContext> {
  try {
    const certificates = await readSmallText(caFile);
    if (!certificates.includes("-----BEGIN CERTIFICATE-----")) throw new Error("it holds no PEM certificate");
    return createSecureContext({ ca: [...rootCertificates, certificates] });
  } catch (error) {
    throw new CliError(
      ExitCode.badInput,
      `${caFile}: cannot be used as a certificate authority (${codeOf(error) === "ENOENT" ? "no such file" : reasonOf(error)})`,
      "give --ca the PEM file of the authority's certificate",
    );
  }
}
