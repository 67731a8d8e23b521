# Proves: declared edges reach the keeper, the steering service and the site, and edges that viewers could not use are refused.
{
  lib,
  lectern,
  nixos,
  modulesOf,
  filesOf,
  refusals,
  seed,
  ...
}:
let
  tokyo.url = "https://tokyo.test";
  withEdges = edges: modulesOf [ ] ++ [ { services.lectern = { inherit edges; }; } ];
  refused = edges: refusals (nixos (withEdges edges));
  refusedStage =
    stage:
    refusals (nixos (modulesOf [ stage ] ++ [ { services.lectern.edges = { inherit tokyo; }; } ]));
  twoStages =
    edges:
    nixos [
      lectern
      {
        services.lectern = {
          enable = true;
          inherit edges;
          stages = lib.genAttrs [ "a" "b" ] (name: {
            domain = "${name}.test";
            settings = { inherit (seed) access; };
            ports = lib.optionalAttrs (name == "b") {
              web = 8081;
              rtmp = 1936;
              owncastRtmp = 19351;
              admin = 8881;
            };
          });
        };
      }
    ];
  plain = filesOf (modulesOf [ ]);
  steered = filesOf (withEdges {
    inherit tokyo;
  });
  differing = lib.attrNames (lib.filterAttrs (name: text: plain.${name} or null != text) steered);
  keeperOf = files: files."units/lectern-main-keeper.service";
  service =
    (nixos (withEdges {
      inherit tokyo;
    })).systemd.services.lectern-main-steer;
  option = "services.lectern.edges.tokyo";
in
{
  "edges change only what they must" = {
    expr = differing;
    expected = [
      "Caddyfile"
      "etc/lectern/edges/main.json"
      "etc/lectern/stages.json"
      "sysusers.conf"
      "units/lectern-main-keeper.service"
      "units/lectern-main-steer.service"
    ];
  };

  "keeper and steering service get the same edges, with the stage's own address" = {
    expr = builtins.fromJSON steered."etc/lectern/edges/main.json";
    expected = {
      origin = "https://live.test";
      edges = [
        {
          name = "tokyo";
          url = "https://tokyo.test";
          weight = 1;
          networks = [ ];
          healthPath = "/.well-known/lectern-edge";
        }
      ];
    };
  };

  "other edges restart keeper and steering service at the next switch" = {
    expr =
      let
        other = filesOf (withEdges {
          tokyo = tokyo // {
            weight = 2;
          };
        });
      in
      map (unit: other.${unit} == steered.${unit}) [
        "units/lectern-main-keeper.service"
        "units/lectern-main-steer.service"
      ];
    expected = [
      false
      false
    ];
  };

  "the keeper of a stage without edges does not know of them" = {
    expr = map (lib.hasInfix "--edges") [
      (keeperOf plain)
      (keeperOf steered)
    ];
    expected = [
      false
      true
    ];
  };

  "the steering service may reach other machines, and has no other right" = {
    expr = {
      inherit (service.serviceConfig)
        IPAddressDeny
        CapabilityBoundingSet
        ProtectSystem
        TemporaryFileSystem
        User
        ;
    };
    expected = {
      IPAddressDeny = "";
      CapabilityBoundingSet = "";
      ProtectSystem = "strict";
      # It is in the web server's group, which reads keys and logs there.
      TemporaryFileSystem = [
        "/var/cache:ro"
        "/var/lib:ro"
        "/var/log:ro"
        "/run/lectern:ro"
      ];
      User = "steer-main";
    };
  };

  "each of two stages has its own edges" = {
    expr =
      let
        inherit
          (twoStages {
            tokyo = tokyo // {
              stage = "a";
            };
          })
          environment
          systemd
          assertions
          ;
      in
      {
        etc = lib.filter (lib.hasPrefix "lectern/edges/") (lib.attrNames environment.etc);
        units = lib.filter (lib.hasSuffix "-steer") (lib.attrNames systemd.services);
        refused = refusals { inherit assertions; };
      };
    expected = {
      etc = [ "lectern/edges/a.json" ];
      units = [ "lectern-a-steer" ];
      refused = [ ];
    };
  };

  "an edge must say which of two stages it serves" = {
    expr = refusals (twoStages {
      inherit tokyo;
    });
    expected = [
      "${option}.stage is not set, and this host has 2 stages: name the stage that the edge serves."
    ];
  };

  "an edge of an unknown stage is refused" = {
    expr = refused {
      tokyo = tokyo // {
        stage = "man";
      };
    };
    expected = [
      "${option}.stage is \"man\", and this host has no such stage: its stages are main."
    ];
  };

  "two edges with one address are refused" = {
    expr = refused {
      inherit tokyo;
      osaka = tokyo;
    };
    expected = [
      "services.lectern.edges.osaka.url and services.lectern.edges.tokyo.url share \"https://tokyo.test\": give each edge an address of its own."
    ];
  };

  "an edge that is the stage itself is refused" = {
    expr = refused { tokyo.url = "https://live.test:8443"; };
    expected = [
      "${option}.url is \"https://live.test:8443\", which is this host's own stage: give the address of another machine, or leave this edge out."
    ];
  };

  "an address that is none is refused" = {
    expr =
      map
        (
          url:
          lib.length (refused {
            tokyo = { inherit url; };
          })
        )
        [
          "http://tokyo.test"
          "https://tokyo.test/"
          "https://tokyo.test/x"
          "https://Tokyo.test"
          "tokyo.test"
          "https://a:b@tokyo.test"
          # The keeper and the steering service would not start with these.
          "https://tokyo.test:443"
          "https://tokyo.test:08443"
          "https://tokyo.test:65536"
          "https://1.2.3"
          "https://tokyo..test"
          "https://${lib.concatStrings (lib.replicate 300 "a")}.test"
        ];
    expected = [
      1
      1
      1
      1
      1
      1
      1
      1
      1
      1
      1
      1
    ];
  };

  "more than keeper and steering service read is refused" = {
    expr = map lib.length [
      (refused {
        tokyo = tokyo // {
          networks = lib.genList (at: "10.${toString (at / 250)}.${toString (lib.mod at 250)}.0/24") 1001;
        };
      })
      (refused {
        tokyo = tokyo // {
          healthPath = "/${lib.concatStrings (lib.replicate 200 "a")}";
        };
      })
      (refused { tokyo.url = "https://tokyo.test:8443"; })
    ];
    expected = [
      1
      1
      0
    ];
  };

  "an edge named as the origin is refused" = {
    expr = refused { origin = tokyo; };
    expected = [
      "services.lectern.edges.origin: \"origin\" is the stage's own server among the edges: give this edge another name."
    ];
  };

  "a network that is none is refused" = {
    expr = refused {
      tokyo = tokyo // {
        networks = [ "192.0.2.1/24" ];
      };
    };
    expected = [
      "${option}.networks has \"192.0.2.1/24\": this address lies inside a network: write 192.0.2.0/24 for the network, or 192.0.2.1 for the address alone."
    ];
  };

  "a private stage with edges is refused: they would show it to everybody" = {
    expr = refusedStage { viewers.allow = [ "192.0.2.0/24" ]; };
    expected = [
      "services.lectern.stages.main.viewers closes the stage, and services.lectern.edges has tokyo for it: edges know neither its networks nor its password, and would show it to everybody. Leave them out, or open the stage."
    ];
  };

  "edges beside another server of the video are refused" = {
    expr = refusedStage { settings.storage.servingEndpoint = "https://cdn.test"; };
    expected = [
      "services.lectern.stages.main.settings.storage.servingEndpoint sends players elsewhere, and services.lectern.edges has tokyo for it, so the edges would get no viewers: leave them out, or leave the setting out."
    ];
  };

  "a port for its metrics is on loopback, and collides with no other" = {
    expr =
      let
        with' =
          port: modulesOf [ { ports.steer = port; } ] ++ [ { services.lectern.edges = { inherit tokyo; }; } ];
      in
      {
        listens = lib.hasInfix "--metrics 127.0.0.1:8092" (
          (filesOf (with' 8092))."units/lectern-main-steer.service"
        );
        refused = lib.length (refusals (nixos (with' 8080)));
      };
    expected = {
      listens = true;
      refused = 1;
    };
  };
}
