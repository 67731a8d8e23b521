import { CliError, ExitCode } from "../errors.ts";

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there (connection refused)",
  ENOTFOUND: "the name does not resolve",
  EAI_AGAIN: "the name does not resolve (no name server answers)",
  ECONNRESET: "the connection was closed without an answer",
  EPIPE: "the connection was closed without an answer",
  ETIMEDOUT: "no answer (connection timed out)",
  EHOSTUNREACH: "no way to that host",
  ENETUNREACH: "no way to that network",
};

const distrusted: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: "it comes from an authority that is not known here",
  UNABLE_TO_GET_ISSUER_CERT: "it comes from an authority that is not known here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "it comes from an authority that is not known here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "it comes from an authority that is not known here",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is signed by itself",
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet; is this machine's clock right?",
  ERR_TLS_CERT_ALTNAME_INVALID: "it is for another name",
};

/** TLS does not come about, or its certificate is not to be trusted; somebody does answer. */
export class TlsError extends CliError {}

/** What a failed connection means for a person: CliError 69. `caFile`: the authority trusted already, if any. */
export function connectionError(place: string, cause: Error | string, caFile?: string): CliError {
  if (typeof cause === "string")
    return new CliError(ExitCode.unreachable, `${place}: ${cause}`, "is it up, and is the way to it open?");
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  const distrust = distrusted[code];
  if (distrust !== undefined)
    return new TlsError(
      ExitCode.unreachable,
      `${place}: its certificate is not trusted: ${distrust}`,
      trustRemedy(code, caFile),
      { cause },
    );
  if (code === "EPROTO" || code.startsWith("ERR_SSL_"))
    return new TlsError(ExitCode.unreachable, `${place}: ${noTls(cause.message)}`, "is it the https port?", { cause });
  const reason = reasons[code] ?? (cause.message || code);
  return new CliError(ExitCode.unreachable, `${place}: ${reason}`, "is the address right, and is the server up?", {
    cause,
  });
}

/** The server's alert means that it knows TLS and wants it not, mostly for want of a certificate for the name. */
const noTls = (message: string): string =>
  /\balert\b/i.test(message)
    ? "the server refuses TLS: it may have no certificate for that name"
    : "no TLS is spoken there";

function trustRemedy(code: string, caFile: string | undefined): string {
  if (code.startsWith("CERT_")) return "renew the server's certificate";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return "use the name that the certificate is for; --resolve host:port:address leads a name to an address";
  if (caFile !== undefined) return `${caFile} is not the authority that signed it: give --ca the one that did`;
  return "give --ca the PEM certificate of the authority that signed it; Caddy's own is pki/authorities/local/root.crt in its data folder";
}
