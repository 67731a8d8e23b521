import { expect, it } from "vitest";
import { signedHeaders } from "./sign-request.ts";

// The published examples of the AWS documentation for S3.
const keys = {
  accessKey: "AKIAIOSFODNN7EXAMPLE",
  secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  region: "us-east-1",
};
const at = new Date("2013-05-24T00:00:00Z");
const bucket = "https://examplebucket.s3.amazonaws.com";

it.each([
  {
    claim: "GET of a range",
    request: { method: "GET", address: new URL(`${bucket}/test.txt`), headers: { range: "bytes=0-9" } },
    signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  },
  {
    claim: "PUT with a body and an encoded name",
    request: {
      method: "PUT",
      address: new URL(`${bucket}/test%24file.text`),
      headers: { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" },
      body: Buffer.from("Welcome to Amazon S3."),
    },
    signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  },
  {
    claim: "a query without a value",
    request: { method: "GET", address: new URL(`${bucket}/?lifecycle`) },
    signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  },
  {
    claim: "a query with values",
    request: { method: "GET", address: new URL(`${bucket}/?prefix=J&max-keys=2`) },
    signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  },
])("signs as AWS documents it: $claim", ({ request, signature }) => {
  expect(signedHeaders(request, keys, at).authorization?.split("Signature=")[1]).toBe(signature);
});

it("shows neither the secret key nor more than the access key", () => {
  const headers = signedHeaders({ method: "GET", address: new URL(bucket) }, keys, at);
  expect(JSON.stringify(headers)).not.toContain(keys.secretKey);
});
