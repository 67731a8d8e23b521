# The files of a certificate, as a submodule.
{ lib }:
{
  options = {
    certificate = lib.mkOption {
      type = lib.types.externalPath;
      example = "/var/lib/acme/live.example.org/cert.pem";
      description = ''
        Certificate file with its chain, in PEM, on the host. The web server must be able to read it.
      '';
    };
    key = lib.mkOption {
      type = lib.types.externalPath;
      example = "/var/lib/acme/live.example.org/key.pem";
      description = ''
        File with the certificate's private key, in PEM, on the host and outside the Nix store.
      '';
    };
  };
}
