# Reads host names.
{ lib }:
{
  isHostName =
    domain:
    let
      label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
    in
    lib.stringLength domain <= 253
    && builtins.match "${label}(\\.${label})*" domain != null
    # By default no certificate authority certifies an address.
    && builtins.match "(.*\\.)?[0-9]+" domain == null;

  # RFC 2606 keeps these names for documentation: they lead to no server.
  isPlaceholder =
    domain: builtins.match "(.*\\.)?(example|invalid|example\\.(com|net|org))" domain != null;
}
