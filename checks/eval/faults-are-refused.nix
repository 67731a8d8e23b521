# Proves: a wrong value stops the host's build, and the error names the option.
{
  lib,
  lectern,
  nixos,
  seed,
  host,
  modulesOf,
  build,
  ...
}:
let
  stage = "services.lectern.stages.main";
  refused = expectedError: stageModule: {
    expr = build (host [ stageModule ]);
    inherit expectedError;
  };
  rendition = lib.head seed.video.ladder;

  # A host whose stages differ only in name and domain.
  hostOf =
    domains:
    nixos [
      lectern
      {
        services.lectern = {
          enable = true;
          stages = lib.listToAttrs (
            lib.imap0 (
              index: name:
              lib.nameValuePair name {
                domain = domains.${name};
                settings = { inherit (seed) access; };
                ports.web = 8080 + index;
                ports.rtmp = 1935 + index;
                ports.owncastRtmp = 19350 + index;
                ports.admin = 8880 + index;
              }
            ) (lib.attrNames domains)
          );
        };
      }
    ];
  refusedName = name: {
    expr = build (hostOf {
      ${name} = "live.test";
    });
    expectedError = "services.lectern.stages.${name}: a stage's name is";
  };
  refusedDomain =
    domain: expectedError:
    refused "${stage}.domain is \"${domain}\"${expectedError}" { inherit domain; };
  refusedListen =
    listen: reason:
    refused "${stage}.ingest.listen is \"${listen}\", which ${reason}" {
      ingest = { inherit listen; };
    };
in
{
  "the host without a fault builds" = {
    expr = build (host [ ]);
    expected = "builds";
  };

  "a word that the setting does not know" = refused "${stage}.settings.video.latency" {
    settings.video.latency = "lo";
  };
  "a number out of range" = refused "${stage}.settings.video.ladder" {
    settings.video.ladder = [ (rendition // { framerate = 0; }) ];
  };
  "a value of another type" = refused "${stage}.settings.chat.enabled" {
    settings.chat.enabled = "yes";
  };
  "a list without its required entries" = refused "${stage}.settings.video.ladder" {
    settings.video.ladder = [ ];
  };
  "an entry of a list without a required field" = refused "${stage}.settings.video.ladder" {
    settings.video.ladder = [ (lib.removeAttrs rendition [ "name" ]) ];
  };
  "a setting that does not exist" = refused "${stage}.settings.video.latancy" {
    settings.video.latancy = "low";
  };
  "a group that does not exist" = refused "${stage}.settings.vidoe" {
    settings.vidoe.latency = "low";
  };
  "an unknown field in an entry of a list" = refused ".widht" {
    settings.video.ladder = [ (rendition // { widht = 640; }) ];
  };
  "a stage option that does not exist" = refused "${stage}.domian" { domian = "live.test"; };

  "a wrong value in the seed; the error names the seed" = refused "seed-with-a-wrong-value.json" {
    seed = ./lib/seed-with-a-wrong-value.json;
  };
  "an unknown setting in the seed" = refused "${stage}.settings.video.latancy" {
    seed = ./lib/seed-with-an-unknown-setting.json;
  };

  "a missing admin password" = refused "${stage}.settings.access.adminPassword is not set" {
    seed = null;
    settings.access = { inherit (seed.access) streamKeys; };
  };
  "missing stream keys" = refused "${stage}.settings.access.streamKeys is not set" {
    settings.access.streamKeys = null;
  };

  "a domain with a scheme" = refusedDomain "https://live.test" ": give a host name alone";
  "a domain with a port" = refusedDomain "live.test:443" ": give a host name alone";
  "a domain in capitals" = refusedDomain "Live.test" ": give a host name alone";
  "an address in place of a domain" = refusedDomain "192.0.2.7" ": give a host name alone";
  "an empty domain" = refusedDomain "" ": give a host name alone";
  "a domain with a line break" = refused "${stage}.domain is" { domain = "live.test\nroot"; };
  "a placeholder domain" = refusedDomain "live.example.org" ", which is a placeholder";
  "a host name in place of an address to listen on" = refusedListen "live.test" "is not an address";
  "an address to listen on with a port" = refusedListen "192.0.2.1:1935" "is not an address";
  "an address to listen on with a number above 255" = refusedListen "192.0.2.256" "is not an address";
  "an address to listen on with a prefix" = refusedListen "192.0.2.0/24" "is not an address";
  "an address to listen on in brackets" = refusedListen "[::1]" "is not an address";
  "an address to listen on with three colons" = refusedListen ":::" "is not an address";
  "an address to listen on with a zone" = refusedListen "fe80::1%eth0" "is not an address";
  "an empty address to listen on" = refusedListen "" "is not an address";
  "an address to listen on with a space and an option" =
    refusedListen "127.0.0.1 --owncast 192.0.2.1:1" "is not an address";
  "an address to listen on with a line break" = refused "${stage}.ingest.listen is" {
    ingest.listen = "0.0.0.0\nroot";
  };
  "an IPv6 address on a host without IPv6" = {
    expr = build (
      nixos (modulesOf [ { ingest.listen = "2001:db8::1"; } ] ++ [ { networking.enableIPv6 = false; } ])
    );
    expectedError = "${stage}.ingest.listen is \"2001:db8::1\", which is an IPv6 address, and networking.enableIPv6 is off";
  };
  "valid addresses to listen on are accepted" = {
    expr = map (listen: build (host [ { ingest = { inherit listen; }; } ])) [
      "0.0.0.0"
      "127.0.0.1"
      "192.0.2.255"
      "::"
      "::1"
      "2001:DB8:0:0:0:0:0:1"
    ];
    expected = lib.replicate 6 "builds";
  };

  "a stage without a domain" = {
    expr = build (nixos [
      lectern
      {
        services.lectern = {
          enable = true;
          stages.main.settings = { inherit (seed) access; };
        };
      }
    ]);
    expectedError = "${stage}.domain";
  };
  "two stages with the same domain" = {
    expr = build (hostOf {
      main = "live.test";
      second = "live.test";
    });
    expectedError = "${stage}.domain and services.lectern.stages.second.domain share \"live.test\"";
  };

  "a port for cameras that is 0" = refused "${stage}.ports.rtmp" { ports.rtmp = 0; };
  "a port for cameras that only root may use" = refused "${stage}.ports.rtmp" { ports.rtmp = 443; };
  "a port of Owncast's web server that only root may use" = refused "${stage}.ports.web" {
    ports.web = 1023;
  };
  "a port of Owncast's RTMP server that only root may use" = refused "${stage}.ports.owncastRtmp" {
    ports.owncastRtmp = 1023;
  };
  "a port of the keeper that only root may use" = refused "${stage}.ports.keeper" {
    ports.keeper = 1023;
  };
  "an admin port that is 0" = refused "${stage}.ports.admin" { ports.admin = 0; };
  "a port above 65535" = refused "${stage}.ports.keeper" { ports.keeper = 65536; };

  "the shortest and longest stage names are accepted" = {
    expr = build (hostOf {
      a = "one.test";
      a-2 = "two.test";
      abcdefghijklmnopqrst = "three.test";
    });
    expected = "builds";
  };
  "a stage name of 21 characters" = refusedName "abcdefghijklmnopqrstu";
  "a stage name in capitals" = refusedName "Main";
  "a stage name that begins with a digit" = refusedName "1st";
  "a stage name with an underscore" = refusedName "main_hall";
  "a stage name with a slash" = refusedName "main/hall";
}
