# Proves: with `front = "nginx"` a stage is among the sites of the host's nginx, with the declared names, certificate, networks, doors
# and log. Caddy is not touched, and the host's other sites stay the same, byte for byte.
{
  lib,
  lectern,
  nixos,
  modulesOf,
  filesOf,
  build,
  refusals,
  ...
}:
let
  withModules = modules: nixos ([ { services.lectern.front = "nginx"; } ] ++ modules);
  hostOf = stage: withModules (modulesOf [ stage ]);
  nginxOf = stage: (hostOf stage).services.nginx;
  beside = module: withModules (modulesOf [ ] ++ [ module ]);
  sitesOf = stage: (nginxOf stage).virtualHosts;
  main = "~lectern.main";
  siteOf = stage: (sitesOf stage).${main}.extraConfig;
  httpOf = stage: (nginxOf stage).commonHttpConfig;
  stageOption = "services.lectern.stages.main";
  certificateFiles = {
    certificate = "/etc/tls/cert.pem";
    key = "/etc/tls/key.pem";
  };
  oneLine = lib.replaceStrings [ "\n" ] [ " " ];
  # What stands behind the first `start`, up to `end`, on one line; null without it.
  between =
    start: end: text:
    let
      parts = lib.splitString start text;
    in
    if lib.length parts == 1 then
      null
    else
      lib.trim (oneLine (lib.head (lib.splitString end (lib.elemAt parts 1))));
  # All text of a stage.
  textOf =
    stage:
    httpOf stage + lib.concatMapStrings (site: site.extraConfig) (lib.attrValues (sitesOf stage));
  systemctl = "${(hostOf { }).systemd.package}/bin/systemctl";

  adminNetworks = between "geo $lectern_site_main_admin {" "}";
  watches = between "geo $lectern_site_main_watches {" "}";
  viewer = between "$lectern_site_main_viewer {" "}";

  before = [ ./lib/two-sites.nix ];
  after = [
    lectern
    ./hosts/beside-nginx.nix
  ];
  conf =
    modules:
    let
      system = lib.nixosSystem { inherit modules; };
    in
    import ./lib/nginx-conf.nix {
      inherit lib;
      inherit (system._module.args) pkgs;
    } system.config.services.nginx;
  # In the file the servers are one block deeper.
  deeper = text: lib.concatMapStrings (line: "\t${line}\n") (lib.splitString "\n" (lib.trim text));
  theirs = modules: lib.genAttrs [ "wiki.sites.test" "www.sites.test" ] (conf modules).servers;
in
{
  "a host's other sites are the same before and after, byte for byte, and the stage's come last" = {
    expr = {
      same = theirs before == theirs after;
      inFile = lib.all (servers: lib.hasInfix (deeper servers) (conf after).conf) (
        lib.attrValues (theirs before)
      );
      sites = lib.attrNames (nixos after).services.nginx.virtualHosts;
      # What the host says for all sites.
      settings = lib.filterAttrs (_: same: !same) (
        lib.mapAttrs (name: value: value == (nixos before).services.nginx.${name}) (
          lib.removeAttrs (nixos after).services.nginx [ "virtualHosts" ]
        )
      );
      refused = refusals (nixos after);
      inherit (nixos after) warnings;
    };
    expected = {
      same = true;
      inFile = true;
      sites = [
        "wiki.sites.test"
        "www.sites.test"
        "~lectern.main"
        "~lectern.main.admin"
        "~lectern.main.plain"
      ];
      settings = lib.genAttrs [ "appendConfig" "commonHttpConfig" "enableReload" "eventsConfig" ] (
        _: false
      );
      refused = [ ];
      warnings = [ ];
    };
  };

  "with nginx nothing of Caddy is set, and with Caddy nothing of nginx" = {
    expr = {
      caddy = (hostOf { }).services.caddy == (nixos [ ]).services.caddy;
      caddysUnit = (hostOf { }).systemd.services ? caddy;
      nginx = (nixos (modulesOf [ ])).services.nginx == (nixos [ ]).services.nginx;
      nginxsUnit = (nixos (modulesOf [ ])).systemd.services ? nginx;
    };
    expected = {
      caddy = true;
      caddysUnit = false;
      nginx = true;
      nginxsUnit = false;
    };
  };

  "a host without stages has no nginx" = {
    expr =
      (nixos [
        lectern
        {
          services.lectern = {
            enable = true;
            front = "nginx";
          };
        }
      ]).services.nginx.enable;
    expected = false;
  };

  "a stage has a site for its domain, one over plain http, one for its aliases, and one for this machine" =
    {
      expr =
        lib.mapAttrs
          (_: site: {
            inherit (site) onlySSL listen;
            names = [ site.serverName ] ++ site.serverAliases;
          })
          (
            lib.removeAttrs (sitesOf {
              aliases = [
                "www.test"
                "old.test"
              ];
            }) [ "localhost" ]
          );
      expected = {
        "~lectern.main" = {
          onlySSL = true;
          listen = [ ];
          names = [ "live.test" ];
        };
        "~lectern.main.admin" = {
          onlySSL = false;
          listen = [
            {
              addr = "127.0.0.1";
              port = 8880;
              ssl = false;
              proxyProtocol = false;
              extraParameters = [ ];
            }
          ];
          names = [
            "localhost"
            "127.0.0.1"
          ];
        };
        "~lectern.main.aliases" = {
          onlySSL = true;
          listen = [ ];
          names = [
            "www.test"
            "old.test"
          ];
        };
        "~lectern.main.plain" = {
          onlySSL = false;
          listen = [ ];
          names = [
            "live.test"
            "www.test"
            "old.test"
          ];
        };
      };
    };

  "without the port for this machine there are only the sites for the domain" = {
    expr = lib.attrNames (sitesOf {
      ports.admin = null;
    });
    expected = [
      "~lectern.main"
      "~lectern.main.plain"
    ];
  };

  # Of a stage's sites on one address, nginx takes the first one for unknown names: never that for the aliases.
  "a site answers only to its own names, also if nginx gives it all others" = {
    expr = lib.mapAttrs (_: site: lib.head (lib.splitString " {" site.extraConfig)) (
      lib.removeAttrs (sitesOf { aliases = [ "www.test" ]; }) [ "~lectern.main.aliases" ]
    );
    expected = {
      "~lectern.main" = "if ($host !~ \"^(live\\.test)$\")";
      "~lectern.main.admin" = "if ($host !~ \"^(localhost|127\\.0\\.0\\.1)$\")";
      "~lectern.main.plain" = "if ($host !~ \"^(live\\.test|www\\.test)$\")";
    };
  };

  "the site for this machine has the rules of the domain, and opens the admin page to this machine" =
    {
      expr = {
        rules =
          lib.replaceStrings
            [
              "tunnel_main"
              "localhost|127\\.0\\.0\\.1"
              "lectern-main-admin.log"
            ]
            [
              "site_main"
              "live\\.test"
              "lectern-main.log"
            ]
            (sitesOf { hstsSeconds = null; })."~lectern.main.admin".extraConfig
          == siteOf { hstsSeconds = null; };
        networks = between "geo $lectern_tunnel_main_admin {" "}" (httpOf { });
      };
      expected = {
        rules = true;
        networks = "default 0;   127.0.0.0/8 1;";
      };
    };

  "the certificate comes from a public authority, or from files" = {
    expr =
      map
        (
          tls:
          lib.mapAttrs
            (_: site: {
              inherit (site)
                enableACME
                useACMEHost
                sslCertificate
                sslCertificateKey
                ;
            })
            (
              lib.getAttrs [ main "~lectern.main.plain" ] (sitesOf {
                inherit tls;
              })
            )
        )
        [
          "acme"
          certificateFiles
        ];
    expected =
      let
        none = {
          enableACME = false;
          useACMEHost = null;
          sslCertificate = null;
          sslCertificateKey = null;
        };
      in
      [
        {
          ${main} = none // {
            enableACME = true;
          };
          # The authority's challenges come over plain http.
          "~lectern.main.plain" = none // {
            useACMEHost = "live.test";
          };
        }
        {
          ${main} = none // {
            sslCertificate = "/etc/tls/cert.pem";
            sslCertificateKey = "/etc/tls/key.pem";
          };
          "~lectern.main.plain" = none;
        }
      ];
  };

  "a host may use another of its certificates for the stage" = {
    expr =
      lib.mapAttrs (_: site: site.useACMEHost)
        (beside {
          services.nginx.virtualHosts.${main} = {
            enableACME = false;
            useACMEHost = "example.test";
          };
        }).services.nginx.virtualHosts;
    expected = {
      ${main} = "example.test";
      "~lectern.main.admin" = null;
      "~lectern.main.plain" = "example.test";
    };
  };

  "an authority of its own is refused, because nginx has none" = {
    expr = refusals (hostOf {
      tls = "internal";
    });
    expected = [
      "${stageOption}.tls is \"internal\", and nginx has no authority of its own: set it to \"acme\" or to certificate files, or set services.lectern.front = \"caddy\"."
    ];
  };

  "browsers are told to use only HTTPS if the certificate is from a public authority or an option says so" =
    {
      expr =
        map
          (
            stage:
            lib.unique (
              map (line: lib.elemAt (lib.splitString "\"" line) 1) (
                lib.filter (lib.hasInfix "Strict-Transport-Security") (lib.splitString "\n" (siteOf stage))
              )
            )
          )
          [
            { }
            { tls = certificateFiles; }
            { hstsSeconds = 60; }
          ];
      # nginx sends no header without a value.
      expected = [
        [ "max-age=31536000" ]
        [ "" ]
        [ "max-age=60" ]
      ];
    };

  "aliases redirect to the domain and keep the path" = {
    expr =
      lib.hasInfix "return 301 https://live.test$request_uri;"
        (sitesOf {
          aliases = [ "www.test" ];
        })."~lectern.main.aliases".extraConfig;
    expected = true;
  };

  "every placeholder between @ signs is filled in, on a public and on a private stage" = {
    expr = map (stage: builtins.match ".*(@[A-Za-z]+@).*" (oneLine (textOf stage))) [
      { aliases = [ "www.test" ]; }
      {
        viewers.password.file = "/run/secrets/password";
        settings.rehearsal.enable = true;
      }
    ];
    expected = [
      null
      null
    ];
  };

  "the admin page is open only to allowed networks" = {
    expr =
      map
        (
          allow:
          adminNetworks (httpOf {
            admin = { inherit allow; };
          })
        )
        [
          [ ]
          [
            "192.0.2.0/24"
            "2001:db8::/32"
          ]
        ];
    expected = [
      "default 0;"
      "default 0;   192.0.2.0/24 1; 2001:db8::/32 1;"
    ];
  };

  "a site uses its stage's own Owncast port, keeper and folder of segments" = {
    expr =
      map
        (
          text:
          lib.hasInfix text (textOf {
            ports.web = 8123;
          })
        )
        [
          "proxy_pass http://127.0.0.1:8123;"
          "server unix:/run/lectern/main-keeper.sock;"
          "/var/cache/lectern/main/hls"
          "127.0.0.1:8080"
        ];
    expected = [
      true
      true
      true
      false
    ];
  };

  "each site has an access log of its own with masked addresses, and no site writes nginx's default log" =
    {
      expr =
        lib.mapAttrs
          (
            _: site:
            lib.unique (
              lib.filter (line: lib.hasPrefix "access_log /" line) (
                map lib.trim (lib.splitString "\n" site.extraConfig)
              )
            )
          )
          (sitesOf {
            aliases = [ "www.test" ];
          });
      expected = {
        "~lectern.main" = [ "access_log /var/log/nginx/lectern-main.log lectern;" ];
        "~lectern.main.admin" = [ "access_log /var/log/nginx/lectern-main-admin.log lectern;" ];
        "~lectern.main.aliases" = [ "access_log /var/log/nginx/lectern-main-aliases.log lectern;" ];
        "~lectern.main.plain" = [ "access_log /var/log/nginx/lectern-main.log lectern;" ];
      };
    };

  "no server of a stage is written by nixpkgs alone, without a log of its own" = {
    expr = lib.length (
      lib.filter (server: !lib.hasInfix "access_log /var/log/nginx/lectern-" server) (
        lib.tail (
          lib.splitString "\nserver {" (
            lib.concatMapStrings (name: "\n" + (conf after).servers name) (
              lib.filter (lib.hasPrefix "~") (lib.attrNames (nixos after).services.nginx.virtualHosts)
            )
          )
        )
      )
    );
    expected = 0;
  };

  "a private stage is closed to all but its networks and the password's proof, the site for this machine is not" =
    {
      expr =
        map
          (stage: {
            networks = watches (httpOf stage);
            door = viewer (httpOf stage);
            tunnel = lib.hasInfix "$lectern_tunnel_main_watches" (httpOf stage);
          })
          [
            { }
            { viewers.password.file = "/run/secrets/password"; }
            {
              viewers.allow = [ "192.0.2.0/24" ];
              admin.allow = [
                "192.0.2.0/24"
                "10.0.0.0/8"
              ];
            }
          ];
      expected = [
        {
          networks = null;
          door = null;
          tunnel = false;
        }
        {
          networks = "default 0;";
          door = "default closed;   include /run/lectern/main-viewers/*.nginx;";
          tunnel = false;
        }
        {
          networks = "default 0;   192.0.2.0/24 1; 10.0.0.0/8 1;";
          door = "default outside;";
          tunnel = false;
        }
      ];
    };

  "both sites of a stage read the rehearsal token only if the stage allows rehearsals" = {
    expr =
      map
        (
          stage:
          map
            (
              name:
              map (text: lib.hasInfix text (sitesOf stage).${name}.extraConfig) [
                "include /run/lectern/main-rehearsal/*.nginx; return 503 \"This stage allows rehearsals, but its server does not know the token.\";"
                "return 404 \"This stage allows no rehearsal: its stage file does not say rehearsal.enable: true.\";"
              ]
            )
            [
              main
              "${main}.admin"
            ]
        )
        [
          { settings.rehearsal.enable = true; }
          { }
        ];
    expected = [
      (lib.replicate 2 [
        true
        false
      ])
      (lib.replicate 2 [
        false
        true
      ])
    ];
  };

  "modules that the host adds for compression are off on the stage's sites" = {
    expr =
      map
        (
          settings:
          map
            (
              word:
              lib.hasInfix word
                (beside { services.nginx = settings; }).services.nginx.virtualHosts.${main}.extraConfig
            )
            [
              "brotli off;\nbrotli_static off;\n"
              "zstd off;\nzstd_static off;\n"
            ]
        )
        [
          { }
          { recommendedBrotliSettings = true; }
          { experimentalZstdSettings = true; }
        ];
    expected = [
      [
        false
        false
      ]
      [
        true
        false
      ]
      [
        false
        true
      ]
    ];
  };

  "only a long name makes nginx' table of names larger, unless the host says so" = {
    expr = map (module: (beside module).services.nginx.serverNamesHashBucketSize) [
      { }
      { services.lectern.stages.main.domain = "a-very-long-name-of-a-stage.public-lectures.test"; }
      {
        services.lectern.stages.main.domain = "a-very-long-name-of-a-stage.public-lectures.test";
        services.nginx.serverNamesHashBucketSize = 128;
      }
    ];
    expected = [
      null
      512
      128
    ];
  };

  "the host's own text for nginx' workers wins, and a warning names what it lacks" = {
    expr =
      map
        (settings: {
          inherit ((beside { services.nginx = settings; }).services.nginx) eventsConfig appendConfig;
          warnings = map (warning: lib.last (lib.splitString "Add: " warning)) (
            (beside { services.nginx = settings; }).warnings
          );
        })
        [
          { }
          {
            eventsConfig = "use epoll;\n";
            appendConfig = "pcre_jit on;\n";
          }
          {
            eventsConfig = "worker_connections 1024;\n";
            appendConfig = "worker_processes 4;\n";
          }
          {
            eventsConfig = "worker_connections 20000;\n";
            prependConfig = "worker_processes 4;\nworker_shutdown_timeout 1m;\n";
            appendConfig = "pcre_jit on;\n";
          }
        ];
    expected = [
      {
        eventsConfig = "worker_connections 8192;\n";
        appendConfig = "worker_processes auto;\nworker_shutdown_timeout 10s;\n";
        warnings = [ ];
      }
      {
        eventsConfig = "use epoll;\n";
        appendConfig = "pcre_jit on;\n";
        warnings = [
          "worker_connections 8192;"
          "worker_processes auto;"
          "worker_shutdown_timeout 10s;"
        ];
      }
      {
        eventsConfig = "worker_connections 1024;\n";
        appendConfig = "worker_processes 4;\n";
        warnings = [
          "worker_connections 8192;"
          "worker_shutdown_timeout 10s;"
        ];
      }
      {
        eventsConfig = "worker_connections 20000;\n";
        appendConfig = "pcre_jit on;\n";
        warnings = [ ];
      }
    ];
  };

  "a switch reloads nginx, unless the host says otherwise" = {
    expr = map (module: (beside module).services.nginx.enableReload) [
      { }
      { services.nginx.enableReload = false; }
    ];
    expected = [
      true
      false
    ];
  };

  "limits for all sites are refused, because a stage cannot turn them off; limits of other sites are accepted" =
    {
      expr =
        map
          (
            settings:
            map (message: lib.head (lib.splitString " for all sites" message)) (
              refusals (beside {
                services.nginx = settings;
              })
            )
          )
          [
            { commonHttpConfig = "limit_req_zone $binary_remote_addr zone=a:10m rate=10r/s;\n"; }
            {
              commonHttpConfig = "limit_req_zone $binary_remote_addr zone=a:10m rate=10r/s;\nlimit_req zone=a burst=5;\n";
            }
            { appendHttpConfig = "map $a $b { default 1; }\nlimit_conn a 10;\n"; }
            { appendHttpConfig = "server {\n  limit_req zone=a;\n  location / { limit_conn a 1; }\n}\n"; }
            { commonHttpConfig = "# first; limit_req zone=a;\nlog_format x '$status ; limit_req zone=a;';\n"; }
          ];
      expected = [
        [ ]
        [ "services.nginx.commonHttpConfig has limit_req" ]
        [ "services.nginx.appendHttpConfig has limit_conn" ]
        [ ]
        [ ]
      ];
    };

  "a second size for nginx' table of variables is refused, because nginx takes only one" = {
    expr =
      map
        (
          settings:
          map (lib.hasInfix "takes only once: leave it out") (
            refusals (beside {
              services.nginx = settings;
            })
          )
        )
        [
          { commonHttpConfig = "variables_hash_max_size 2048;\n"; }
          { appendHttpConfig = "variables_hash_bucket_size 128;\nvariables_hash_max_size 2048;\n"; }
          { appendHttpConfig = "variables_hash_bucket_size 128;\n"; }
        ];
    expected = [
      [ true ]
      [ true ]
      [ ]
    ];
  };

  "a text that replaces all of nginx' sites is refused" = {
    expr =
      map
        (
          settings:
          refusals (beside {
            services.nginx = settings;
          })
        )
        [
          { httpConfig = "server { }"; }
          { config = "events { }"; }
        ];
    expected =
      map
        (option: [
          "services.nginx.${option} replaces all sites of services.nginx, the stages' too: leave it out, and write its text to services.nginx.appendHttpConfig."
        ])
        [
          "httpConfig"
          "config"
        ];
  };

  "a second site with a name of the stage is refused, because nginx would use one of them" = {
    expr =
      map
        (
          sites:
          map (message: lib.head (lib.splitString ":" message)) (
            refusals (beside {
              services.lectern.stages.main.aliases = [ "www.test" ];
              services.nginx.virtualHosts = sites;
            })
          )
        )
        [
          { "live.test".locations."/".proxyPass = "http://127.0.0.1:8080"; }
          { other.serverName = "live.test"; }
          {
            "other.test".serverAliases = [
              "www.test"
              "more.test"
            ];
          }
          { "live.test".serverName = "old.test"; }
        ];
    expected = [
      [
        "services.nginx.virtualHosts.\"live.test\" has the name live.test, which is one of ${stageOption}"
      ]
      [ "services.nginx.virtualHosts.\"other\" has the name live.test, which is one of ${stageOption}" ]
      [
        "services.nginx.virtualHosts.\"other.test\" has the name www.test, which is one of ${stageOption}"
      ]
      [ ]
    ];
  };

  "HTTP/3 is refused, because it cannot use BBR" = {
    expr = refusals (beside {
      services.lectern.http3.enable = true;
    });
    expected = [
      "services.lectern.http3.enable is true, and nginx's HTTP/3 cannot use BBR, which keeps the speed of viewers far away: leave it out, or set services.lectern.front = \"caddy\"."
    ];
  };

  "BBR and the firewall are the same for both servers" = {
    expr =
      let
        of = { boot, networking, ... }: {
          inherit (boot) kernelModules;
          inherit (boot.kernel) sysctl;
          inherit (networking) firewall;
        };
      in
      of (hostOf { }) == of (nixos (modulesOf [ ]));
    expected = true;
  };

  "a Caddy that resumes its saved configuration does not matter, and its port 2019 is free" = {
    expr = refusals (beside {
      services.caddy.resume = true;
      services.lectern.stages.main = {
        viewers.allow = [ "192.0.2.0/24" ];
        ports.keeper = 2019;
      };
    });
    expected = [ ];
  };

  "folders, socket and doors belong to the user and group of nginx, and doors reload it" = {
    expr =
      let
        inherit
          (beside {
            services.nginx = {
              user = "web";
              group = "webs";
            };
            services.lectern.stages.main = {
              viewers.password.file = "/run/secrets/password";
              settings.rehearsal.enable = true;
            };
          })
          systemd
          ;
        door = unit: {
          inherit (systemd.services.${unit}.serviceConfig) Group;
          after = lib.head systemd.services.${unit}.after;
          command = lib.last (lib.splitString " --to " systemd.services.${unit}.serviceConfig.ExecStart);
        };
      in
      {
        folders = lib.filter (lib.hasInfix "webs") systemd.tmpfiles.rules;
        socket = systemd.sockets.lectern-main-keeper.socketConfig.SocketUser;
        doors = map door [
          "lectern-main-viewers"
          "lectern-main-rehearsal"
        ];
        caddy = lib.filterAttrs (_: lib.hasInfix "caddy") (
          lib.filterAttrs (file: _: file != "nginx.conf") (
            filesOf ([ { services.lectern.front = "nginx"; } ] ++ modulesOf [ ])
          )
        );
      };
    expected = {
      folders = [
        "d /var/cache/lectern/main/hls 2750 lectern-main webs -"
        "d /var/cache/lectern/main/hls-kept 2750 lectern-main webs -"
        "Z /var/cache/lectern/main/hls - - webs -"
        "Z /var/cache/lectern/main/hls-kept - - webs -"
      ];
      socket = "web";
      doors =
        map
          (folder: {
            Group = "webs";
            after = "nginx.service";
            command = "/run/lectern/main-${folder} --for nginx -- ${systemctl} try-reload-or-restart nginx.service";
          })
          [
            "viewers"
            "rehearsal"
          ];
      caddy = { };
    };
  };

  "nginx waits for no stage, and has limits that a host can simply set" = {
    expr =
      let
        unitOf = module: (beside module).systemd.services.nginx;
        plain = unitOf { };
      in
      {
        inherit (plain) after requires wants;
        inherit (plain) serviceConfig;
        changed =
          (unitOf { systemd.services.nginx.serviceConfig.MemoryMax = "2G"; }).serviceConfig.MemoryMax;
      };
    expected = {
      after = [ ];
      requires = [ ];
      wants = [ ];
      serviceConfig = {
        KeyringMode = "private";
        LimitNOFILE = 65536;
        MemoryMax = "75%";
        SystemCallErrorNumber = "EPERM";
        TasksMax = 4096;
      };
      changed = "2G";
    };
  };

  "an unknown front is refused" = {
    expr = build (beside {
      services.lectern.front = lib.mkForce "apache";
    });
    expectedError = "services.lectern.front";
  };
}
