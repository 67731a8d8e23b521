# The options of edges, on the host of the stages that they serve.
{ lib, ... }:
let
  edge.options = {
    url = lib.mkOption {
      type = lib.types.str;
      example = "https://tokyo.nixos.org";
      description = ''
        The edge's address for viewers: `https://` and a host name, without a path. The certificate must be valid for it. Each edge of each
        stage has an address of its own.
      '';
    };
    stage = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      defaultText = lib.literalMD "the host's only stage";
      example = "main";
      description = ''
        The stage that the edge serves at this address. It may be left out if the host has one stage.
      '';
    };
    weight = lib.mkOption {
      type = lib.types.ints.between 0 1000;
      default = 1;
      example = 3;
      description = ''
        The edge's share of the viewers: an edge of weight 3 gets three times as many as one of weight 1. With 0, only viewers in
        {option}`networks` are sent there.
      '';
    };
    networks = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      example = [
        "192.0.2.0/24"
        "2001:db8::/32"
      ];
      description = ''
        Networks whose viewers are sent to this edge first, such as those of a campus. If a viewer is in the networks of several edges,
        the smallest network counts.
      '';
    };
    healthPath = lib.mkOption {
      type = lib.types.str;
      default = "/.well-known/lectern-edge";
      example = "/health";
      description = ''
        The path that the edge answers with 200 while it lives. Only an edge that is not Lectern's needs another one.
      '';
    };
  };
in
{
  options.services.lectern.edges = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule edge);
    default = { };
    example = lib.literalExpression ''
      {
        tokyo = {
          url = "https://tokyo.nixos.org";
          networks = [ "192.0.2.0/24" ];
        };
        paris.url = "https://paris.nixos.org";
      }
    '';
    description = ''
      The edges of this host's stages, by name: other machines that pass the video on to viewers near them. Players are told which one to
      use, and leave one that fails. A name is a lower-case letter and up to 19 more letters, digits and dashes.
    '';
  };
}
