# Reads host names.
{ lib }:
rec {
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

  # Name and port of `https://live.example.org` or `https://live.example.org:8443`, perhaps with a slash at its end; null for
  # anything else. A port that programs leave out or write otherwise is refused: 443, and one that begins with 0.
  secureSite =
    url:
    let
      parts = builtins.match "https://([^/:@?#]+)(:([1-9][0-9]{0,4}))?/?" url;
      port = lib.last parts;
      number = if port == null then 443 else lib.toInt port;
    in
    if parts == null || !isHostName (lib.head parts) || port == "443" || number > 65535 then
      null
    else
      {
        name = lib.head parts;
        port = number;
      };
}
