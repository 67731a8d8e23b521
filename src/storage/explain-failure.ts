import type { ExitCode } from "../lib/errors.ts";
import type { ObjectStorage } from "./object-storage.ts";
import { isAnswer, type StorageAnswer, type StorageOutcome, type StorageSilence } from "./storage-request.ts";

/** A fault of an object storage. */
export interface StorageFinding {
  /** A warning does not stop players. */
  readonly severity: "fault" | "warning";
  /** The setting in the stage file, dotted. */
  readonly setting: string;
  readonly says: string;
  readonly remedy: string;
  /** 69: nothing answers there. 77: the keys are refused. 2: any other fault. */
  readonly exitCode: Extract<ExitCode, 2 | 69 | 77>;
}

/** The dotted name of one of the object storage's settings. */
export const settingOf = (name: string): string => `storage.objectStorage.${name}`;

/** A fault with exit code 2, or another one. */
export const fault = (
  setting: string,
  says: string,
  remedy: string,
  exitCode: StorageFinding["exitCode"] = 2,
): StorageFinding => ({ severity: "fault", setting, says, remedy, exitCode });

/** The status and the code of a response that refuses. Never the service's own text, which may repeat keys. */
export const statusText = ({ status, code }: StorageAnswer): string =>
  code === "" ? `${status}` : `${status} ${code}`;

/** Why the service refused a signed request. Pure. `what`: what was asked, as in "writing to the bucket". */
export function explainRefusal(storage: ObjectStorage, what: string, outcome: StorageOutcome): StorageFinding {
  return isAnswer(outcome) ? explainAnswer(storage, what, outcome) : explainSilence(storage, outcome);
}

function explainAnswer(storage: ObjectStorage, what: string, answer: StorageAnswer): StorageFinding {
  const { bucket, region, isPathStyle } = storage;
  const { code, status } = answer;
  const refused = `${what} was refused (${statusText(answer)})`;
  if (code === "SignatureDoesNotMatch" && !isRegion(answer, region))
    return fault(
      settingOf("secretKey"),
      `${refused}: the secret key does not belong to the access key`,
      "copy both keys again from the service into their secrets' files; on a host, then restart the stage's config unit",
      77,
    );
  if (
    /^(InvalidAccessKeyId|XAdminUserNotFound|NotSignedUp|AccountProblem|InvalidSecurity|AllAccessDisabled)$/.test(code)
  )
    return fault(
      settingOf("accessKey"),
      `${refused}: the service does not know the access key`,
      "copy both keys again from the service; keys belong to one service, and some to one region",
      77,
    );
  if (code === "RequestTimeTooSkewed" || code === "RequestExpired")
    return fault(
      settingOf("endpoint"),
      `${refused}: this machine's clock is ${clockText(answer)}`,
      "set this machine's clock: `timedatectl` shows whether it follows a time server",
    );
  if (isRegion(answer, region))
    return fault(
      settingOf("region"),
      `${refused}: the bucket is not in region ${region}`,
      answer.region === "" || answer.region === region
        ? "set the region that the service names for this bucket; Garage's is garage unless its configuration says otherwise"
        : `set it to ${answer.region}`,
    );
  if (code === "NoSuchBucket")
    return fault(
      settingOf("bucket"),
      `there is no bucket ${bucket}${isPathStyle ? "" : ", or the service expects its name in the path"} (${statusText(answer)})`,
      `create the bucket, or correct its name${isPathStyle ? "" : `; or set ${settingOf("pathStyle")} to true`}`,
    );
  if (code === "InvalidBucketName")
    return fault(
      settingOf("bucket"),
      `${refused}: the service does not allow the name ${bucket}`,
      "use 3 to 63 small letters, digits and hyphens",
    );
  if (/^(SecondLevelDomainForbidden|VirtualHostDomainRequired|PathStyleNotSupported)$/.test(code))
    return fault(
      settingOf("pathStyle"),
      `${refused}: the service wants the bucket in the host name`,
      `set it to false, and storage.servingEndpoint to ${hostStyleAddress(storage)}: viewers need that too`,
    );
  if (/^AccessControlListNotSupported$/.test(code)) return aclFault(storage, refused);
  if (/^(SlowDown|ServiceUnavailable|InternalError|503|TooManyRequests)$/.test(code) || status >= 500 || status === 429)
    return fault(
      settingOf("endpoint"),
      `${what} failed at the service (${statusText(answer)})`,
      "try again; if it stays, ask the service, or read the storage's own log",
    );
  if (status === 403 || status === 401)
    return fault(
      settingOf("accessKey"),
      `${refused}: the key may not do this, or the keys are wrong`,
      "allow the key to list the bucket and to read, write and delete its objects; or copy both keys again",
      // Without a code of S3, the service says only that it does not accept the keys.
      status === 401 ? 77 : 2,
    );
  return fault(
    settingOf("endpoint"),
    `${refused}; is it the address of an S3 service?`,
    "set the service's S3 address, without the bucket's name",
  );
}

/** The service does not take the ACL that Owncast sends with every file. */
export const aclFault = ({ acl }: ObjectStorage, refused: string): StorageFinding =>
  fault(
    settingOf("acl"),
    `${refused}: the bucket takes no ACL ${acl}, and Owncast sends one with every file (public-read if none is set)`,
    'allow ACLs at the bucket (AWS: object ownership "bucket owner preferred"); or set bucket-owner-full-control here, and let a bucket policy allow anonymous reads',
  );

const isRegion = ({ code, status, region: named }: StorageAnswer, region: string): boolean =>
  /^(AuthorizationHeaderMalformed|PermanentRedirect|IncorrectEndpoint|IllegalLocationConstraintException)$/.test(
    code,
  ) ||
  (named !== "" && named !== region) ||
  (status >= 300 && status < 400 && code !== "");

function clockText({ clockAheadSeconds }: StorageAnswer): string {
  if (clockAheadSeconds === undefined) return "wrong";
  const seconds = Math.round(Math.abs(clockAheadSeconds));
  const span = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `${span} ${clockAheadSeconds > 0 ? "behind" : "ahead of"} the service's`;
}

/** The bucket's own host name as an address, for services that do not serve it by path. */
export function hostStyleAddress({ endpoint, bucket }: ObjectStorage): string {
  const { protocol, host } = new URL(endpoint);
  return `${protocol}//${bucket}.${host}`;
}

function explainSilence({ endpoint, bucket, isPathStyle }: ObjectStorage, silence: StorageSilence): StorageFinding {
  const { reason, systemCode } = silence;
  const isName = systemCode === "ENOTFOUND" || systemCode === "ERR_TLS_CERT_ALTNAME_INVALID";
  if (isName && !isPathStyle)
    return fault(
      settingOf("pathStyle"),
      `the host ${bucket}.${new URL(endpoint).host} cannot be used: ${reason}`,
      `set it to true, so that the bucket's name goes into the path; or correct ${settingOf("endpoint")}`,
      69,
    );
  if (/^(EPROTO|ERR_SSL_)/.test(systemCode))
    return fault(
      settingOf("endpoint"),
      `${endpoint}: ${reason}`,
      "begin the address with http:// if the service has no TLS there; a public stage needs a service with TLS",
      69,
    );
  return fault(
    settingOf("endpoint"),
    `${endpoint} cannot be reached: ${reason}`,
    "correct the address; does the service run, and do firewalls let this machine through?",
    69,
  );
}
