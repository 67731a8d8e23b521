# Proves: declared captions get a service, engines and folders of their own and change nothing else, and captions without words are
# refused. Whole texts: checks/golden/one-captions/.
{
  lib,
  host,
  nixos,
  modulesOf,
  files,
  refusals,
  ...
}:
let
  english = {
    language = "en";
    source = "speech";
  };
  french = {
    language = "fr";
    source = "interpreter";
  };
  spanish = {
    language = "es";
    source = "translation";
    from = "en";
  };
  german = {
    language = "de";
    source = "push";
  };
  tracks = list: { settings.captions.tracks = list; };
  elsewhere.captions.speech.en = "192.0.2.20:2700";
  engine.captions = {
    engine = "vosk";
    models = {
      en = "/srv/models/en-us";
      fr = {
        url = "https://models.example/fr.zip";
        hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
      };
    };
  };
  all = [
    (tracks [
      english
      french
      spanish
      german
    ])
    engine
    { captions.translate.es = "http://127.0.0.1:5000"; }
  ];

  plain = files [ ];
  captioned = files all;
  changes =
    from: to:
    lib.attrNames (
      lib.filterAttrs (name: text: from.${name} or null != text) to
      // lib.filterAttrs (name: _: !to ? ${name}) from
    );
  serviceOf = modules: unit: (host modules).systemd.services.${unit}.serviceConfig;
  captionsOf = modules: serviceOf modules "lectern-main-captions";
  speechOf = serviceOf all;
  refused = modules: refusals (host modules);
  refusedFor = modules: lib.length (refused modules);

  stage = "services.lectern.stages.main";
  option = "${stage}.captions";
  declared = "${stage}.settings.captions.tracks";
in
{
  "captions change only what they must" = {
    expr = changes plain captioned;
    expected = [
      "Caddyfile"
      "etc/lectern/main.json"
      "etc/lectern/stages.json"
      "sysusers.conf"
      "tmpfiles.conf"
      "units/lectern-main-captions.service"
      "units/lectern-main-config.service"
      "units/lectern-main-gate-keys.service"
      "units/lectern-main-gate-update.service"
      "units/lectern-main-gate.service"
      "units/lectern-main-keeper-update.service"
      "units/lectern-main-keeper.service"
      "units/lectern-main-keeper.socket"
      "units/lectern-main-speech@en.service"
      "units/lectern-main-speech@fr.service"
    ];
  };

  "the service knows each language's server and translator, and where everything is" = {
    expr = (captionsOf all).ExecStart;
    expected = lib.concatStringsSep " " [
      "${builtins.storeDir}/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-lectern-0.1.0/bin/lectern captions --seed /etc/lectern/main.json"
      "--keeper unix:/run/keeper-socket-main/captions.sock"
      "--hls-dir /var/cache/lectern/main/hls --kept-dir /var/cache/lectern/main/hls-kept"
      "--captions-dir /var/cache/lectern/main/captions"
      "--speech en=unix:/run/lectern-speech/main/en/speech.sock --speech fr=unix:/run/lectern-speech/main/fr/speech.sock"
      "--translate es=http://127.0.0.1:5000"
      "--secrets %d --listen unix:/run/captions-main/front/push.sock"
      "--inputs unix:/run/captions-main/gate/inputs.sock"
      "--transcript-dir /var/lib/captions-main/transcripts --status unix:/run/captions-main/status.sock"
    ];
  };

  "a program that translates is named as one, and needs no network" = {
    expr =
      let
        service = captionsOf [
          (tracks [
            english
            spanish
          ])
          engine
          { captions.models = lib.mkForce { en = "/srv/models/en-us"; }; }
          { captions.translate.es = "/run/current-system/sw/bin/translate"; }
        ];
      in
      [
        (lib.hasInfix " --translate es=command:/run/current-system/sw/bin/translate " service.ExecStart)
        service.IPAddressAllow
      ];
    expected = [
      true
      "localhost"
    ];
  };

  "only the tokens of captioners reach the service, and only the keys of interpreters the gate" = {
    expr = {
      captions = (captionsOf all).LoadCredential;
      gate = (speechOf "lectern-main-gate-keys").LoadCredential;
      owncast = (speechOf "lectern-main-config").LoadCredential;
      speech = (speechOf "lectern-main-speech@fr").LoadCredential or null;
    };
    expected = {
      captions = [ "captions-token-de:/var/lib/lectern-secrets/main/captions-token-de" ];
      gate = [
        "interpreter-key-fr:/var/lib/lectern-secrets/main/interpreter-key-fr"
        "stream-key:/var/lib/lectern-secrets/main/stream-key"
      ];
      owncast = [
        "admin-password:/var/lib/lectern-secrets/main/admin-password"
        "stream-key:/var/lib/lectern-secrets/main/stream-key"
      ];
      speech = null;
    };
  };

  "a host that is given all secrets makes none for captions" = {
    expr =
      let
        given = lib.genAttrs [ "admin-password" "stream-key" "captions-token-de" ] (name: {
          file = "/run/secrets/${name}";
        });
        units =
          (host [
            (tracks [ german ])
            { secrets = given; }
          ]).systemd.services;
      in
      [
        (units ? lectern-main-secrets)
        units.lectern-main-captions.wants
        units.lectern-main-captions.serviceConfig.LoadCredential
      ];
    expected = [
      false
      [ ]
      [ "captions-token-de:/run/secrets/captions-token-de" ]
    ];
  };

  "an engine has no network, no secret and no right, and gives way before the captions service, which gives way before Owncast" =
    {
      expr = {
        inherit (speechOf "lectern-main-speech@en")
          CapabilityBoundingSet
          PrivateNetwork
          ProtectSystem
          User
          MemoryMax
          Slice
          ;
        order =
          map
            (service: {
              weight = service.CPUWeight or 100;
              oom = service.OOMScoreAdjust or 0;
            })
            [
              (speechOf "lectern-main-speech@en")
              (captionsOf all)
              (speechOf "owncast-main")
            ];
      };
      expected = {
        CapabilityBoundingSet = "";
        PrivateNetwork = true;
        ProtectSystem = "strict";
        User = "speech-main";
        MemoryMax = "4096M";
        Slice = "system.slice";
        order = [
          {
            weight = 20;
            oom = 500;
          }
          {
            weight = 50;
            oom = 300;
          }
          {
            weight = 100;
            oom = 0;
          }
        ];
      };
    };

  "the service reaches what is declared and nothing else: addresses one by one, and all if one is a name" =
    {
      expr =
        map
          (
            speech:
            let
              service = captionsOf [
                (tracks [ english ])
                { captions.speech.en = speech; }
              ];
            in
            [
              service.IPAddressDeny
              service.IPAddressAllow
            ]
          )
          [
            "127.0.0.1:2700"
            "unix:/run/speech/speech.sock"
            "192.0.2.20:2700"
            "[2001:db8::20]:2700"
            "speech.example.org:2700"
          ];
      expected = [
        [
          "any"
          "localhost"
        ]
        [
          "any"
          "localhost"
        ]
        [
          "any"
          [
            "localhost"
            "192.0.2.20"
          ]
        ]
        [
          "any"
          [
            "localhost"
            "2001:db8::20"
          ]
        ]
        [
          ""
          ""
        ]
      ];
    };

  "a model is a folder of the host, or an archive by address and hash" = {
    expr = map (unit: lib.hasInfix " --model ${builtins.storeDir}/" (speechOf unit).ExecStart) [
      "lectern-main-speech@en"
      "lectern-main-speech@fr"
    ];
    expected = [
      false
      true
    ];
  };

  "other captions restart the service at the next switch, and other settings do not" = {
    expr =
      let
        textOf = modules: (files (all ++ modules))."units/lectern-main-captions.service";
      in
      map (modules: textOf modules == textOf [ ]) [
        [ { settings.instance.name = "Other"; } ]
        [ { settings.captions.favour = [ "caddy" ]; } ]
      ];
    expected = [
      true
      false
    ];
  };

  "captions change neither the server nor, without an interpreter, the gate: their stream goes on" = {
    expr =
      let
        with' = files [
          (tracks [ english ])
          elsewhere
        ];
      in
      map (unit: plain.${unit} == with'.${unit}) [
        "units/owncast-main.service"
        "units/lectern-main-bootstrap.service"
        "units/lectern-main-gate.service"
      ];
    expected = [
      true
      true
      true
    ];
  };

  "transcripts are the service's alone until the stage publishes them" = {
    expr =
      map
        (
          transcript:
          lib.filter (lib.hasInfix "/transcripts ")
            (host [
              (tracks [ german ])
              { settings.captions = { inherit transcript; }; }
            ]).systemd.tmpfiles.rules
        )
        [
          null
          "private"
          "published"
        ];
    expected = [
      [ "d /var/lib/captions-main/transcripts 0700 captions-main captions-main -" ]
      [ "d /var/lib/captions-main/transcripts 0700 captions-main captions-main -" ]
      [ "d /var/lib/captions-main/transcripts 0750 captions-main caddy -" ]
    ];
  };

  "the list of stages names the engines' units, the service's status and the transcripts" = {
    expr =
      let
        inherit (builtins.fromJSON captioned."etc/lectern/stages.json") main;
      in
      {
        inherit (main) captionsStatus transcriptsDir;
        units = lib.getAttrs [ "captions" "speech-en" "speech-fr" ] main.units;
      };
    expected = {
      captionsStatus = "unix:/run/captions-main/status.sock";
      transcriptsDir = "/var/lib/captions-main/transcripts";
      units = {
        captions = "lectern-main-captions.service";
        speech-en = "lectern-main-speech@en.service";
        speech-fr = "lectern-main-speech@fr.service";
      };
    };
  };

  "a track that nothing hears is refused, with the remedy for this host" = {
    expr = [
      (refused [ (tracks [ english ]) ])
      (refused [
        (tracks [
          english
          french
        ])
        {
          captions = {
            engine = "pocketsphinx";
            models.en = "/srv/models/en-us";
          };
        }
      ])
    ];
    expected = [
      [
        "${declared} has a track in en that a speech engine hears, and nothing on this host hears en: give ${option}.speech.en, the host and port of a speech server, or ${option}.engine and ${option}.models.en."
      ]
      [
        "${declared} has a track in fr that a speech engine hears, and nothing on this host hears fr: give ${option}.models.fr, the engine's model, or ${option}.speech.fr, the host and port of a speech server."
      ]
    ];
  };

  "a translation that nothing makes is refused" = {
    expr = refused [
      (tracks [
        english
        spanish
      ])
      elsewhere
    ];
    expected = [
      "${declared} has a translation into es, and nothing translates into es: give ${option}.translate.es, such as http://127.0.0.1:5000 for LibreTranslate on this host."
    ];
  };

  "what a host gives for a track that does not exist is refused" = {
    expr = [
      (refused [
        (tracks [ english ])
        elsewhere
        { captions.translate.es = "http://127.0.0.1:5000"; }
      ])
      (refused [
        (tracks [ english ])
        { captions.speech.eng = "127.0.0.1:2700"; }
        elsewhere
      ])
      (refused [ elsewhere ])
    ];
    expected = [
      [
        "${option}.translate.es is set, and ${declared} has no track in this language that is a translation: leave it out."
      ]
      [
        "${option}.speech.eng is set, and ${declared} has no track in this language that a speech engine hears: leave it out, or give one of en."
      ]
      [
        "${option}.speech.en is set, and ${declared} has no track in this language that a speech engine hears: leave it out."
      ]
    ];
  };

  "an engine without a model, a model without an engine, and two servers for one language are refused" =
    {
      expr = map refused [
        [
          (tracks [ english ])
          elsewhere
          { captions.engine = "vosk"; }
        ]
        [
          (tracks [ english ])
          { captions.models.en = "/srv/models/en-us"; }
          elsewhere
        ]
      ];
      expected = [
        [
          "${option}.engine is \"vosk\", which has no model: give ${option}.models, a model for each language, or leave the engine out."
        ]
        [
          "${option}.speech.en and ${option}.models.en are both set: leave one of them out, because a language has one speech server."
          "${option}.models has models for en, and no engine uses them: give ${option}.engine, such as \"vosk\", or leave them out."
        ]
      ];
    };

  "an engine that this nixpkgs does not have is refused" = {
    expr = refusals (
      nixos (
        modulesOf [
          (tracks [ english ])
          {
            captions = {
              engine = "pocketsphinx";
              models.en = "/srv/models/en-us";
            };
          }
        ]
        ++ [
          (
            { pkgs, ... }:
            {
              services.lectern.stages.main.captions.package = pkgs.callPackage ../../nix/speech.nix {
                engine = "pocketsphinx";
                python3 = pkgs.python3 // {
                  pkgs = lib.removeAttrs pkgs.python3.pkgs [ "pocketsphinx" ];
                };
              };
            }
          )
        ]
      )
    );
    expected = [
      "${option}.engine is \"pocketsphinx\", and this host's nixpkgs has no python3Packages.pocketsphinx: take another engine, or name a speech server in ${option}.speech."
    ];
  };

  "captions beside an object storage are refused" = {
    expr = refusedFor [
      (tracks [ english ])
      elsewhere
      {
        settings.storage.objectStorage = {
          enabled = true;
          endpoint = "https://storage.test";
          bucket = "b";
          region = "r";
          accessKey.secret = "access";
          secretKey.secret = "storage";
        };
        secrets = lib.genAttrs [ "access" "storage" ] (name: {
          file = "/run/secrets/${name}";
        });
      }
    ];
    expected = 1;
  };

  "a speech server is a host and a port, or a socket" = {
    expr =
      map
        (
          en:
          refusedFor [
            (tracks [ english ])
            { captions.speech = { inherit en; }; }
          ]
        )
        [
          "speech.example.org:2700"
          "[2001:db8::20]:2700"
          "unix:/run/speech.sock"
          "speech.example.org"
          "ws://speech.example.org:2700"
          "speech.example.org:99999"
          "[zz::1]:2700"
          "unix:run/speech.sock"
          "unix:/run/with a blank"
          "a b:2700"
          "%h:2700"
          ""
        ];
    expected = [
      0
      0
      0
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

  "a translator is an address, marked if text leaves the host, or a program that the unit can see" = {
    expr =
      map
        (
          es:
          refusedFor [
            (tracks [
              english
              spanish
            ])
            elsewhere
            { captions.translate = { inherit es; }; }
          ]
        )
        [
          "http://127.0.0.1:5000"
          "http://localhost:5000/translate"
          "remote:https://translate.example.org"
          "/run/current-system/sw/bin/translate"
          "https://translate.example.org"
          "http://192.0.2.7:5000"
          "translate.example.org"
          "http://127.0.0.1:5000/?key=1"
          "/usr/bin/translate en"
          "/home/me/translate"
          "/var/lib/translate"
          ""
        ];
    expected = [
      0
      0
      0
      0
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

  "a model's folder that units cannot see is refused" = {
    expr =
      map
        (
          en:
          refusedFor [
            (tracks [ english ])
            {
              captions = {
                engine = "vosk";
                models = { inherit en; };
              };
            }
          ]
        )
        [
          "/srv/models/en-us"
          "/var/lib/models/en-us"
          "/home/me/en-us"
          "/root/en-us"
          "/tmp/en-us"
          "/srv/my models"
        ];
    expected = [
      0
      0
      1
      1
      1
      1
    ];
  };

  "a port for its metrics is on loopback, and collides with no other" = {
    expr =
      let
        with' = port: [
          (tracks [ english ])
          elsewhere
          { ports.captions = port; }
        ];
      in
      {
        listens = lib.hasSuffix " --status 127.0.0.1:8093" (captionsOf (with' 8093)).ExecStart;
        refused = refusedFor (with' 8080);
      };
    expected = {
      listens = true;
      refused = 1;
    };
  };

  "a package whose program is several words is refused" = {
    expr = refused [
      (tracks [ english ])
      {
        captions = {
          engine = "pocketsphinx";
          models.en = "/srv/models/en-us";
          package = {
            type = "derivation";
            name = "speech";
            outPath = "/nix/store/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-speech";
            meta.mainProgram = "speech --listen";
          };
        };
      }
    ];
    expected = [
      "${option}.package has the program \"speech --listen\": give a package whose meta.mainProgram is one word, such as lectern-speech."
    ];
  };
}
