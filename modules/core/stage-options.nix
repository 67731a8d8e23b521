# How a stage reaches the world: ports, certificate, who may publish and administer, secrets.
{ lib, pkgs, ... }:
let
  networks =
    default: description:
    lib.mkOption {
      type = lib.types.listOf lib.types.str;
      inherit default description;
      example = [
        "192.0.2.0/24"
        "2001:db8::/32"
      ];
    };

  certificate.options = {
    certificate = lib.mkOption {
      type = lib.types.externalPath;
      example = "/var/lib/acme/live.example.org/cert.pem";
      description = ''
        Certificate with its chain, in PEM, on the host; Caddy must be able to read it.
      '';
    };
    key = lib.mkOption {
      type = lib.types.externalPath;
      example = "/var/lib/acme/live.example.org/key.pem";
      description = ''
        Private key of the certificate, in PEM, on the host and outside the Nix store.
      '';
    };
  };

  secret.options.file = lib.mkOption {
    type = lib.types.externalPath;
    example = "/run/secrets/stream-key-moderator";
    description = ''
      File on the host that holds the secret on one line. It is read as root when a unit starts, and is never copied to the store.
    '';
  };

  # Lower ones take a capability that neither Owncast nor the gate or the keeper has, and 0 means any.
  portType = lib.types.ints.between 1024 65535;
  port =
    default: description:
    lib.mkOption {
      type = portType;
      inherit default description;
      example = default + 1;
    };

  stage.options = {
    aliases = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      example = [ "stream.nixos.org" ];
      description = ''
        Other host names of the stage: who comes by one is sent on to {option}`domain`.
      '';
    };

    package = lib.mkPackageOption pkgs "owncast" {
      example = "pkgs.owncast.overrideAttrs { version = \"0.3.0\"; }";
    };

    secrets = lib.mkOption {
      type = lib.types.attrsOf (lib.types.submodule secret);
      default = { };
      example = {
        stream-key-moderator.file = "/run/secrets/stream-key-moderator";
      };
      description = ''
        Where the secrets lie that the settings name. The admin password and stream keys may be left out:
        they are then made on the host, in {file}`/var/lib/lectern-secrets/<stage>/`, and `lectern secrets <stage>` says where.
        Secrets that others gave out, such as those of an object storage, must be given.
      '';
    };

    ports = {
      web = port 8080 ''
        Port of Owncast's own web server, on loopback: Caddy stands in front of it. Change it while nothing is on air: Caddy asks the
        new port at once, and Owncast, which is restarted a minute later, ends a stream.
      '';
      keeper = lib.mkOption {
        type = lib.types.nullOr portType;
        default = null;
        example = 8090;
        description = ''
          Port on loopback on which the playlist keeper answers too, for a monitoring that asks for `/metrics`. Caddy has a socket of its own.
        '';
      };
      admin = lib.mkOption {
        type = lib.types.nullOr portType;
        default = 8880;
        example = 8881;
        description = ''
          Port on loopback under which Caddy serves the admin page to whoever comes by `ssh -L`; null for none.
        '';
      };
      rtmp = port 1935 ''
        Port on which cameras publish: the gate listens there. Change it while nothing is on air: the firewall opens the new port at
        once, and the gate moves there when nothing is on air.
      '';
      owncastRtmp = port 19350 ''
        Port of Owncast's own RTMP server, which the gate alone may reach: the firewall closes it to everybody else.
        Change it while nothing is on air: the firewall closes the new port at once, and Owncast has the old one until it is restarted.
      '';
    };

    tls = lib.mkOption {
      type = lib.types.either (lib.types.enum [
        "acme"
        "internal"
      ]) (lib.types.submodule certificate);
      default = "acme";
      example = "internal";
      description = ''
        Where the certificate comes from: `acme` has Caddy obtain it from a public authority, `internal` from an authority
        of its own that no browser knows, and files are used as they are.
      '';
    };

    admin.allow = networks [ ] ''
      Networks from which Owncast's admin page can be reached under the stage's domain; it still asks for the password.
      From everywhere else, and by default from everywhere, it is not there: it is reached through `ssh -L`, at {option}`ports.admin`.
    '';

    ingest.allow =
      networks
        [
          "0.0.0.0/0"
          "::/0"
        ]
        ''
          Networks from which cameras may publish. RTMP sends its key in clear, so name them where they are known.
        '';

    openFirewall = lib.mkOption {
      type = lib.types.bool;
      default = true;
      example = false;
      description = ''
        Whether the firewall lets viewers in (TCP 80 and 443, and UDP 443 with {option}`services.lectern.http3.enable`) and cameras from {option}`ingest.allow`.

        On by default, unlike in most modules of NixOS: a stage is public by its purpose, and behind a closed firewall it gets no certificate.
      '';
    };
  };
  # A module of its own: its default goes by the certificate.
  hsts =
    { config, ... }:
    {
      options.hstsSeconds = lib.mkOption {
        type = lib.types.nullOr lib.types.ints.unsigned;
        default = if config.tls == "acme" then 31536000 else null;
        defaultText = lib.literalExpression ''if tls == "acme" then 31536000 else null'';
        example = 86400;
        description = ''
          For how long a browser that was here once comes back by HTTPS only, and lets nobody click past a wrong certificate
          (Strict-Transport-Security). 0 makes browsers forget it; null says nothing.
        '';
      };
    };
in
{
  options.services.lectern.stages = lib.mkOption {
    type = lib.types.attrsOf (
      lib.types.submodule [
        stage
        hsts
      ]
    );
  };
}
