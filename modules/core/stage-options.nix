# A stage's ports, certificate, secrets, and who may publish and administer.
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

  certificate = import ./lib/certificate.nix { inherit lib; };

  secret.options.file = lib.mkOption {
    type = lib.types.externalPath;
    example = "/run/secrets/stream-key-moderator";
    description = ''
      File on the host with the secret on one line. systemd reads it as root when a unit starts. It never reaches the Nix store.
    '';
  };

  # Lower ports need a capability that Owncast, gate and keeper do not have, and 0 means any port.
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
        Other host names of the stage. They redirect to {option}`domain`.
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
        The files of the secrets that the settings name. The admin password and stream keys may be left out: then the host makes them
        in {file}`/var/lib/lectern-secrets/<stage>/`, and `lectern secrets <stage>` shows where.
        Secrets of other services, such as an object storage, must be given.
      '';
    };

    ports = {
      web = port 8080 ''
        Port of Owncast's web server, on loopback, behind Caddy or nginx. Change it only while nothing is on air: they use the new port
        at once, but Owncast keeps the old one until it restarts.
      '';
      keeper = lib.mkOption {
        type = lib.types.nullOr portType;
        default = null;
        example = 8090;
        description = ''
          A port on loopback for the playlist keeper, so that a monitoring program can read `/metrics`; null for none. The web server uses a socket.
        '';
      };
      steer = lib.mkOption {
        type = lib.types.nullOr portType;
        default = null;
        example = 8092;
        description = ''
          A port on loopback for the steering service of a stage with {option}`services.lectern.edges`, so that a monitoring program can
          read `/metrics`; null for none.
        '';
      };
      captions = lib.mkOption {
        type = lib.types.nullOr portType;
        default = null;
        example = 8093;
        description = ''
          A port on loopback for the captions service of a stage with caption tracks, so that a monitoring program can read `/metrics`;
          null for a socket, which only root can use.
        '';
      };
      admin = lib.mkOption {
        type = lib.types.nullOr portType;
        default = 8880;
        example = 8881;
        description = ''
          Port on loopback at which the web server has the admin page for `ssh -L`; null for none.
        '';
      };
      rtmp = port 1935 ''
        Port of the gate, where cameras publish. Change it only while nothing is on air: the firewall opens the new port at once, but
        the gate moves there only after the stream.
      '';
      owncastRtmp = port 19350 ''
        Port of Owncast's own RTMP server. Only the gate may connect to it: the firewall closes it to everybody else.
        Change it only while nothing is on air: the firewall closes the new port at once, but Owncast keeps the old one until it restarts.
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
        Where the certificate comes from: `acme` is a public authority, `internal` is an authority of Caddy's own that no browser
        trusts and that nginx does not have. Given files are used as they are.
      '';
    };

    admin.allow = networks [ ] ''
      Networks that may open Owncast's admin page at the stage's domain, with the password.
      For all others, and by default for everybody, the page does not exist there: open it through `ssh -L`, at {option}`ports.admin`.
    '';

    ingest.allow =
      networks
        [
          "0.0.0.0/0"
          "::/0"
        ]
        ''
          Networks from which cameras may publish. RTMP sends its key unencrypted, so name the networks if you know them.
        '';

    openFirewall = lib.mkOption {
      type = lib.types.bool;
      default = true;
      example = false;
      description = ''
        Whether the firewall lets in viewers (TCP 80 and 443, and UDP 443 with {option}`services.lectern.http3.enable`) and cameras from {option}`ingest.allow`.

        It is on by default, unlike in most NixOS modules: a stage is public, and behind a closed firewall it gets no certificate.
      '';
    };
  };
  hsts =
    { config, ... }:
    {
      options.hstsSeconds = lib.mkOption {
        type = lib.types.nullOr lib.types.ints.unsigned;
        default = if config.tls == "acme" then 31536000 else null;
        defaultText = lib.literalExpression ''if tls == "acme" then 31536000 else null'';
        example = 86400;
        description = ''
          For how long browsers that have opened the stage use HTTPS only and refuse a wrong certificate (Strict-Transport-Security).
          0 makes browsers forget it; null sends no header.
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
