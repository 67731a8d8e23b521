# Proves: `viewers` closes the site before any other handler, to all but the declared viewers. Settings that would stay open are
# refused. The password is a file that one unit reads.
{
  lib,
  host,
  files,
  build,
  refusals,
  nixos,
  modulesOf,
  ...
}:
let
  stage = "services.lectern.stages.main";
  refused = module: refusals (host [ module ]);
  siteOf = module: (host [ module ]).services.caddy.virtualHosts."live.test".extraConfig;
  resumed = "services.caddy.resume is true: Caddy would start with its saved configuration, in which ${stage}.viewers may be missing or have an old password: leave it out, or open the stage.";
  withPassword = {
    viewers.password.file = "/run/secrets/SENTINEL";
  };
  network = "192.0.2.0/24";
  withNetwork = {
    viewers.allow = [ network ];
  };
  doorOf = module: lib.head (lib.splitString "\thandle @stranger {" (siteOf module));
  line =
    pattern: module:
    let
      found = builtins.match ".*\n[\t ]*${pattern}[\t ]*([^\n]*)\n.*" (siteOf module);
    in
    if found == null then null else lib.head found;
  # The networks in both lines that name them.
  inside =
    module:
    let
      found = lib.filter (lib.hasPrefix "\t\tnot remote_ip ") (lib.splitString "\n" (doorOf module));
    in
    map (lib.removePrefix "\t\tnot remote_ip ") found;
  import' = line "import";
  unitOf = module: (host [ module ]).systemd.services.lectern-main-viewers or null;
in
{
  "a public stage has no rule for strangers" = {
    expr = {
      site = lib.hasInfix "@stranger" (siteOf { });
      unit = unitOf { };
      inherit ((host [ ]).services.lectern.stages.main) isPrivate;
    };
    expected = {
      site = false;
      unit = null;
      isPrivate = false;
    };
  };

  # That rule answers all requests for one address, and opens nothing.
  "the rule for strangers comes before all other rules but those for rehearsals and edges" = {
    expr =
      map
        (
          module:
          let
            handles = lib.filter (text: lib.hasPrefix "\thandle " text) (lib.splitString "\n" (siteOf module));
          in
          lib.take 3 handles
        )
        [
          withPassword
          withNetwork
        ];
    expected = [
      [
        "\thandle @rehearsal {"
        "\thandle @byEdge {"
        "\thandle @stranger {"
      ]
      [
        "\thandle @rehearsal {"
        "\thandle @byEdge {"
        "\thandle @stranger {"
      ]
    ];
  };

  "a password is required from all networks except those of viewers and admins" = {
    expr = map inside [
      withPassword
      withNetwork
      (withPassword // { admin.allow = [ "10.0.0.0/8" ]; })
      {
        viewers.allow = [
          network
          "10.0.0.0/8"
        ];
        admin.allow = [ "10.0.0.0/8" ];
      }
      { viewers.allow = [ ]; }
      # All of IPv4, and none of IPv6.
      { viewers.allow = [ "0.0.0.0/0" ]; }
    ];
    expected =
      map
        (networks: [
          networks
          networks
        ])
        [
          "255.255.255.255/32"
          network
          "10.0.0.0/8"
          "${network} 10.0.0.0/8"
          "255.255.255.255/32"
          "0.0.0.0/0"
        ];
  };

  "the error for strangers says what is missing: the server's password or an allowed network" = {
    expr =
      map (module: lib.hasInfix "\t\trespond \"This stage is ${module.says}\n" (siteOf module.stage))
        [
          {
            stage = withPassword;
            says = "closed: its server does not know the viewers' password.\" 503";
          }
          {
            stage = withNetwork;
            says = "private: only some networks may watch, and yours is not one of them.\" 403";
          }
        ];
    expected = [
      true
      true
    ];
  };

  # Caddy refuses a missing file, but accepts a pattern that matches no file.
  "the password check comes from a folder of the host, and may be missing there" = {
    expr = map import' [
      withPassword
      withNetwork
    ];
    expected = [
      "/run/lectern/main-viewers/*.caddyfile"
      null
    ];
  };

  "every placeholder between @ signs is filled in" = {
    expr =
      map (module: builtins.match ".*@[A-Za-z]+@.*" (lib.replaceStrings [ "\n" ] [ " " ] (siteOf module)))
        [
          withPassword
          withNetwork
        ];
    expected = [
      null
      null
    ];
  };

  "the port for SSH users is open without the viewers' password" = {
    expr =
      lib.hasInfix "@stranger"
        (host [ withPassword ]).services.caddy.virtualHosts."http://localhost:8880".extraConfig;
    expected = false;
  };

  # It starts after Caddy, as it waits for Caddy's reload. The other unit wants it: so a restart of that unit starts this one if it
  # has failed.
  "one unit reads the password after Caddy starts, and each time that other secrets are read again" =
    {
      expr =
        let
          unit = unitOf withPassword;
        in
        {
          inherit (unit) after partOf wantedBy;
          inherit (unit.serviceConfig) LoadCredential SetCredential;
          public = unitOf withNetwork;
        };
      expected = {
        after = [ "caddy.service" ];
        partOf = [ "lectern-main-config.service" ];
        wantedBy = [
          "multi-user.target"
          "lectern-main-config.service"
        ];
        LoadCredential = "viewers-password:/run/secrets/SENTINEL";
        SetCredential = "viewers-password:\\n";
        public = null;
      };
    };

  "only that unit contains the password's path" = {
    expr = lib.attrNames (lib.filterAttrs (_: lib.hasInfix "SENTINEL") (files [ withPassword ]));
    expected = [ "units/lectern-main-viewers.service" ];
  };

  "the host's list of stages names that unit" = {
    expr = (builtins.fromJSON (files [ withPassword ])."etc/lectern/stages.json").main.units.viewers;
    expected = "lectern-main-viewers.service";
  };

  "a password in the store is refused" = {
    expr = build (host [
      { viewers.password.file = "/nix/store/00000000000000000000000000000000-password"; }
    ]);
    expectedError = "${stage}.viewers.password.file";
  };

  "a path with a special meaning in a unit is refused" = {
    expr = refused { viewers.password.file = "/run/a b%n"; };
    expected = [
      "${stage}.viewers.password.file is \"/run/a b%n\": give an absolute path of letters, digits and . _ + @ = , : ~ -, without blanks and without \"..\", such as /run/secrets/stream-key."
    ];
  };

  "networks follow the same rules as those of the admin page" = {
    expr = refused { viewers.allow = [ "office.test" ]; };
    expected = [
      "${stage}.viewers.allow has \"office.test\": give networks or addresses, such as 192.0.2.0/24 or 2001:db8::/32."
    ];
  };

  "a password is refused beside a network that allows everybody" = {
    expr = refused (
      withPassword
      // {
        viewers = withPassword.viewers // {
          allow = [ "::/0" ];
        };
      }
    );
    expected = [
      "${stage}.viewers.allow has \"::/0\", which is everywhere, so viewers.password.file would close nothing there: leave the network out, or leave the password out."
    ];
  };

  "a Caddy that resumes its saved configuration is refused beside a private stage, because the stage may have been public then" =
    {
      expr =
        map
          (
            module:
            refusals (
              nixos (
                modulesOf [ module ]
                ++ [
                  { services.caddy.resume = true; }
                ]
              )
            )
          )
          [
            withPassword
            withNetwork
            { }
          ];
      expected = [
        [ resumed ]
        [ resumed ]
        [ ]
      ];
    };

  "an admin page that is open to everybody is refused on a private stage, because its networks may watch" =
    {
      expr = map (admin: refused (admin // { admin.allow = [ "0.0.0.0/0" ]; })) [
        withNetwork
        { }
      ];
      expected = [
        [
          "${stage}.admin.allow has \"0.0.0.0/0\", which is everywhere; its networks may watch, and ${stage}.viewers closes the stage: name the networks that administer, or open the stage."
        ]
        [ ]
      ];
    };

  "settings that announce a private stage or publish its video elsewhere are refused" = {
    expr = refused (
      withNetwork
      // {
        settings = {
          federation.enabled = true;
          instance.directory = true;
          storage.servingEndpoint = "https://cdn.test";
          storage.objectStorage = {
            enabled = true;
            endpoint = "https://s3.test";
            bucket = "stage";
            region = "eu";
            accessKey.secret = "s3-key";
            secretKey.secret = "s3-secret";
          };
        };
        secrets.s3-key.file = "/run/secrets/s3-key";
        secrets.s3-secret.file = "/run/secrets/s3-secret";
      }
    );
    expected = [
      "${stage}.settings.federation.enabled is true, and ${stage}.viewers closes the stage to the servers that would follow it: set it to false, or open the stage."
      "${stage}.settings.instance.directory is true, and ${stage}.viewers closes the stage to Owncast's public directory: set it to false, or open the stage."
      "${stage}.settings.storage.objectStorage.enabled is true, and ${stage}.viewers closes the stage, but not the object storage, where everybody may read the video: set it to false, or open the stage."
      "${stage}.settings.storage.servingEndpoint sends viewers elsewhere for the video, and ${stage}.viewers closes the stage, but not that server: leave it out, or open the stage."
    ];
  };

  "these settings are accepted on a public stage, and on a private one if they are off" = {
    expr = [
      (refused { settings.federation.enabled = true; })
      (refused (
        withPassword
        // {
          settings.federation.enabled = false;
          settings.storage.servingEndpoint = "";
        }
      ))
    ];
    expected = [
      [ ]
      [ ]
    ];
  };
}
