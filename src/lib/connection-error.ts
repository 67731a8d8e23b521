import { codeOf, fromCauses, reasonOf } from "./error-cause.ts";
import { CliError, ExitCode } from "./errors.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name does not resolve",
  EAI_AGAIN: "the name does not resolve (no name server answers)",
  ECONNRESET: "the connection was closed without an answer",
  EPIPE: "the connection was closed without an answer",
  ETIMEDOUT: "no answer (connection timed out)",
  EHOSTUNREACH: "there is no route to that host",
  ENETUNREACH: "there is no route to that network",
};

const certificateFaults: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "has expired",
  CERT_NOT_YET_VALID: "is not valid yet (is this machine's clock right?)",
  DEPTH_ZERO_SELF_SIGNED_CERT: "is signed by itself",
  ERR_TLS_CERT_ALTNAME_INVALID: "is for another name",
  SELF_SIGNED_CERT_IN_CHAIN: "comes from an authority that is not known here",
  UNABLE_TO_GET_ISSUER_CERT: "comes from an authority that is not known here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "comes from an authority that is not known here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "comes from an authority that is not known here",
};

/** No TLS connection: its certificate is not trusted, or the handshake failed. A server did answer. */
export class TlsError extends CliError {
  /** Whether the error means that the server does not serve this name, or not yet. */
  get isAboutTheName(): boolean {
    return codeOf(this.cause) === "ERR_TLS_CERT_ALTNAME_INVALID" || lacksCertificate(reasonOf(this.cause));
  }

  /** A fault that waiting does not remove; undefined for a fault that may pass. */
  get lasting(): "certificate" | "no TLS" | undefined {
    const code = codeOf(this.cause);
    if (code in certificateFaults) return "certificate";
    return code === "ERR_SSL_WRONG_VERSION_NUMBER" ? "no TLS" : undefined;
  }
}

/**
 * A failed connection as CliError 69 for a person. `cause` is the caught value, or the reason in words.
 * `caFile`: the authority trusted already, if any.
 */
export function connectionError(place: string, cause: unknown, caFile?: string): CliError {
  if (typeof cause === "string")
    return new CliError(
      ExitCode.unreachable,
      `${place}: ${cause}`,
      "does the server run, and does every firewall on the way let you through?",
    );
  const code = codeOf(cause);
  const message = `${place}: ${connectionReason(cause)}`;
  if (code in certificateFaults)
    return new TlsError(ExitCode.unreachable, message, trustRemedy(code, caFile), { cause });
  if (isTlsCode(code)) return new TlsError(ExitCode.unreachable, message, "is it the https port?", { cause });
  return new CliError(ExitCode.unreachable, message, "is the address right, and is the server up?", { cause });
}

/** Why a connection failed, in words for a person. Takes anything that can be thrown. */
export function connectionReason(cause: unknown): string {
  const code = codeOf(cause);
  const distrust = certificateFaults[code];
  if (distrust !== undefined) return `its certificate is not trusted: it ${distrust}${namesOf(cause)}`;
  if (isTlsCode(code)) return noTls(reasonOf(cause));
  return code === "ECONNREFUSED" ? refused(cause) : (reasons[code] ?? reasonOf(cause));
}

const isTlsCode = (code: string): boolean => code === "EPROTO" || code.startsWith("ERR_SSL_");

function refused(cause: unknown): string {
  const [address, port] = [fromCauses(cause, "address"), fromCauses(cause, "port")];
  const where = address === undefined ? "there" : `at ${address}, port ${port}`;
  return `nothing listens ${where} (connection refused)`;
}

/**
 * Whether a failed handshake's message means that the server has no certificate for the name: Caddy says so with the alert
 * `internal error`, nginx with `unrecognized name`, some with `handshake failure`.
 */
export const lacksCertificate = (message: string): boolean =>
  /\balert (internal error|handshake failure)|\bunrecognized name\b/i.test(message);

/** Any other alert also means that the server speaks TLS. */
function noTls(message: string): string {
  if (lacksCertificate(message)) return "the server has no certificate for that name";
  return /\balert\b/i.test(message) ? "the server refuses TLS" : "the server does not speak TLS";
}

const namesShown = 3;

/** The names in a certificate that is for another name. */
function namesOf(cause: unknown): string {
  const cert = fromCauses(cause, "cert") as { subjectaltname?: string } | undefined;
  const names = [...(cert?.subjectaltname ?? "").matchAll(/\bDNS:([\w.*-]+)/g)].map(([, name]) => name);
  return names.length === 0 ? "" : `, ${names.slice(0, namesShown).join(", ")}`;
}

function trustRemedy(code: string, caFile: string | undefined): string {
  if (code.startsWith("CERT_")) return "renew the server's certificate";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return "use the name that the certificate is for; --resolve host:port:address sets the address of a name";
  if (caFile !== undefined) return `${caFile} did not sign it: give --ca the certificate of the authority that did`;
  return "give --ca the PEM certificate of the authority that signed it; Caddy's own is pki/authorities/local/root.crt in its data folder";
}
