# The options of an edge.
{ lib, ... }:
let
  certificate = import ../../core/lib/certificate.nix { inherit lib; };

  siteOptions = {
    domain = lib.mkOption {
      type = lib.types.str;
      example = "live-tokyo.nixos.org";
      description = ''
        Host name at which viewers reach the stage by this edge, in lower case, without scheme, port or path. Not the stage's own.
      '';
    };

    origin.url = lib.mkOption {
      type = lib.types.str;
      example = "https://live.nixos.org";
      description = ''
        The stage's own address. The edge checks its certificate. nginx looks up the name when it starts: after the address has changed,
        run {command}`systemctl reload nginx` on the edge.
      '';
    };

    mode = lib.mkOption {
      type = lib.types.enum [
        "full"
        "video"
      ];
      default = "full";
      example = "video";
      description = ''
        What viewers get: `full` is page, chat, API and video; `video` is the video alone, for players whose page is at the origin.
        The admin page is at the origin in both.
      '';
    };

    tls = lib.mkOption {
      type = lib.types.either (lib.types.enum [ "acme" ]) (lib.types.submodule certificate);
      default = "acme";
      example = lib.literalExpression ''
        {
          certificate = "/var/lib/certificates/edge.pem";
          key = "/var/lib/certificates/edge.key";
        }
      '';
      description = ''
        Where the certificate comes from: `acme` is a public authority, by {option}`security.acme`. Given files are used as they are.
      '';
    };
  };
in
{
  options.services.lectern.edge = siteOptions // {
    enable = lib.mkEnableOption "an edge on this host: nginx with a cache, which serves far viewers for an origin";

    # Empty on hosts without an edge; refused on an edge.
    domain = siteOptions.domain // {
      default = "";
      defaultText = lib.literalMD "none: an edge needs one";
    };

    origin = {
      url = siteOptions.origin.url // {
        default = "";
        defaultText = lib.literalMD "none: an edge needs one";
      };
      authorities = lib.mkOption {
        type = lib.types.path;
        default = "/etc/ssl/certs/ca-certificates.crt";
        example = "/etc/ssl/our-authority.pem";
        description = ''
          File on the host with the authorities that may sign the origin's certificate, in PEM.
        '';
      };
    };

    more = lib.mkOption {
      type = lib.types.attrsOf (lib.types.submodule { options = siteOptions; });
      default = { };
      example = lib.literalExpression ''
        {
          second = {
            domain = "second-tokyo.nixos.org";
            origin.url = "https://second.nixos.org";
          };
        }
      '';
      description = ''
        More stages that this edge serves, by any name. They share cache and secret, so they must be stages of the same origin.
      '';
    };

    secret.file = lib.mkOption {
      type = lib.types.nullOr lib.types.externalPath;
      default = null;
      example = "/run/secrets/edge-secret";
      description = ''
        File on the host with the secret that proves this edge to the origin, on one line: the origin's
        {option}`services.lectern.edgeSecret.file` has the same. Only then Owncast counts and bans each viewer alone. Null for none:
        then all viewers of a `full` edge are one address for Owncast.
      '';
    };

    cache = {
      folder = lib.mkOption {
        type = lib.types.path;
        default = "/var/cache/lectern-edge";
        example = "/mnt/fast/lectern-edge";
        description = ''
          Folder of the cache, for nginx alone. What is there stays valid after a restart.
        '';
      };
      size = lib.mkOption {
        type = lib.types.strMatching "[1-9][0-9]*[mg]";
        default = "2g";
        example = "500m";
        description = ''
          How much video the cache holds at most: a number with `m` or `g`. Ten minutes of 8 Mbit/s, over all renditions, take 600 MB.
        '';
      };
    };

    openFirewall = lib.mkOption {
      type = lib.types.bool;
      default = true;
      example = false;
      description = ''
        Whether the firewall lets in viewers (TCP 80 and 443). It is on by default: an edge is public.
      '';
    };
  };
}
