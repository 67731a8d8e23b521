# Tells one declaration of a service from another. Everything that makes it another unit counts, and no seed does.
# ExecStartPre makes the file that is named after this, so it cannot count.
{ lib }:
{
  environment,
  path,
  serviceConfig,
  ...
}:
lib.substring 0 16 (
  builtins.hashString "sha256" (
    builtins.unsafeDiscardStringContext (
      builtins.toJSON {
        inherit environment path;
        serviceConfig = lib.removeAttrs serviceConfig [ "ExecStartPre" ];
      }
    )
  )
)
