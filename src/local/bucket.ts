import { type ObjectStorage, objectAddress } from "../storage/object-storage.ts";
import { askWithKeys, isAnswer, isDone, type StorageOutcome } from "../storage/storage-request.ts";

/** Rules of a new bucket. */
export interface BucketRules {
  /** The page that may read it (CORS); undefined for no rule. */
  readonly corsOrigin?: string | undefined;
  /** Whether everybody may read. */
  readonly isOpen?: boolean;
  /** Whether it takes ACLs. */
  readonly takesAcls?: boolean;
}

const limits = { seconds: 10 };

/** Makes a bucket as docs/storage.md says: everybody may read it, and a page may play from it. Rejects if the service refuses. */
export async function makeBucket(
  storage: ObjectStorage,
  { corsOrigin, isOpen = true, takesAcls = true }: BucketRules = {},
): Promise<void> {
  const ask = async (query: string, body?: string, headers: Readonly<Record<string, string>> = {}): Promise<void> => {
    const address = objectAddress(storage, "");
    address.search = query;
    const content = body === undefined ? {} : { body: Buffer.from(body) };
    ensureDone(await askWithKeys(storage, { method: "PUT", address, headers, ...content }, limits), storage);
  };
  const ownership = takesAcls ? "BucketOwnerPreferred" : "BucketOwnerEnforced";
  await ask("", undefined, { "x-amz-object-ownership": ownership });
  if (isOpen) await ask("policy=", JSON.stringify(readPolicy(storage.bucket)));
  if (corsOrigin !== undefined) await ask("cors=", corsRule(corsOrigin));
}

function ensureDone(outcome: StorageOutcome, { bucket }: ObjectStorage): void {
  if (isDone(outcome)) return;
  throw new Error(`bucket ${bucket}: ${isAnswer(outcome) ? `${outcome.status} ${outcome.code}` : outcome.reason}`);
}

/** Everybody may read: the policy of docs/storage.md. */
export const readPolicy = (bucket: string) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: ["s3:GetObject"], Resource: [`arn:aws:s3:::${bucket}/*`] }],
});

/** A page of this origin may read: the rule of docs/storage.md. */
export const corsRule = (origin: string): string =>
  `<CORSConfiguration><CORSRule><AllowedOrigin>${origin}</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod><AllowedHeader>Range</AllowedHeader></CORSRule></CORSConfiguration>`;
