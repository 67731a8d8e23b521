# Generated; do not edit.
# Source: codegen/schema/
# After an edit there: npm run codegen
{ lib }:
let
  # A list that is replaced as a whole: two definitions of the same weight are an error, never a concatenation.
  listBetween =
    min: max: type:
    lib.types.addCheck (lib.types.uniq (lib.types.listOf type)) (
      list: lib.length list >= min && lib.length list <= max
    )
    // {
      description = "list of ${toString min} to ${toString max} entries, each: ${type.description}";
      # The module system rebuilds a type that has submodules by this function; the inherited one would drop the check.
      substSubModules = modules: listBetween min max (type.substSubModules modules);
    };
in
{
  serverUrl = lib.mkOption {
    type = lib.types.nullOr lib.types.str;
    default = null;
    description = ''

    '';
  };
  instance = {
    name = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = ''

      '';
    };
    summary = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = ''

      '';
    };
    tags = lib.mkOption {
      type = lib.types.nullOr (listBetween 0 30 lib.types.str);
      default = null;
      description = ''

      '';
    };
    pageText = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = ''

      '';
    };
    socialHandles = lib.mkOption {
      type = lib.types.nullOr (
        listBetween 0 30 (
          lib.types.submodule {
            options = {
              platform = lib.mkOption {
                type = lib.types.str;
                description = ''
    
                '';
              };
              url = lib.mkOption {
                type = lib.types.str;
                description = ''
    
                '';
              };
            };
          }
        )
      );
      default = null;
      description = ''

      '';
    };
    offlineMessage = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = ''

      '';
    };
    nsfw = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      description = ''

      '';
    };
    directory = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      description = ''

      '';
    };
    showViewerCount = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      description = ''

      '';
    };
    searchIndexing = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      description = ''

      '';
    };
  };
  video = {
    latency = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.enum [
          "lowest"
          "low"
          "medium"
          "high"
          "highest"
        ]
      );
      default = null;
      description = ''

      '';
    };
    ladder = lib.mkOption {
      type = lib.types.nullOr (
        listBetween 1 8 (
          lib.types.submodule {
            options = {
              name = lib.mkOption {
                type = lib.types.str;
                description = ''
    
                '';
              };
              passthrough = lib.mkOption {
                type = lib.types.nullOr (lib.types.enum [ true ]);
                default = null;
                description = ''
    
                '';
              };
              width = lib.mkOption {
                type = lib.types.nullOr (lib.types.ints.between 64 7680);
                default = null;
                description = ''
    
                '';
              };
              height = lib.mkOption {
                type = lib.types.nullOr (lib.types.ints.between 64 4320);
                default = null;
                description = ''
    
                '';
              };
              framerate = lib.mkOption {
                type = lib.types.nullOr (lib.types.ints.between 10 60);
                default = null;
                description = ''
    
                '';
              };
              bitrateKbps = lib.mkOption {
                type = lib.types.nullOr (lib.types.ints.between 400 20000);
                default = null;
                description = ''
    
                '';
              };
              audioBitrateKbps = lib.mkOption {
                type = lib.types.nullOr (lib.types.ints.between 32 320);
                default = null;
                description = ''
    
                '';
              };
              cpuUsage = lib.mkOption {
                type = lib.types.nullOr (
                  lib.types.enum [
                    "lowest"
                    "low"
                    "medium"
                    "high"
                    "highest"
                  ]
                );
                default = null;
                description = ''
    
                '';
              };
            };
          }
        )
      );
      default = null;
      description = ''

      '';
    };
    codec = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.enum [
          "libx264"
          "h264_vaapi"
          "h264_nvenc"
          "h264_qsv"
          "h264_omx"
          "h264_v4l2m2m"
        ]
      );
      default = null;
      description = ''

      '';
    };
  };
  chat = {
    enabled = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      description = ''

      '';
    };
    welcomeMessage = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = ''

      '';
    };
    joinMessages = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      description = ''

      '';
    };
    establishedUsersOnly = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      description = ''

      '';
    };
    spamProtection = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      description = ''

      '';
    };
    slurFilter = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      description = ''

      '';
    };
    requireAuthentication = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      description = ''

      '';
    };
    forbiddenNames = lib.mkOption {
      type = lib.types.nullOr (listBetween 1 500 lib.types.str);
      default = null;
      description = ''

      '';
    };
    suggestedNames = lib.mkOption {
      type = lib.types.nullOr (listBetween 0 500 lib.types.str);
      default = null;
      description = ''

      '';
    };
    socketHost = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = ''

      '';
    };
    emoji = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            list = lib.mkOption {
              type = listBetween 0 200 (
                lib.types.submodule {
                  options = {
                    name = lib.mkOption {
                      type = lib.types.str;
                      description = ''
    
                      '';
                    };
                    file = lib.mkOption {
                      type = lib.types.str;
                      description = ''
    
                      '';
                    };
                    sha256 = lib.mkOption {
                      type = lib.types.str;
                      description = ''
    
                      '';
                    };
                  };
                }
              );
              description = ''
  
              '';
            };
            prune = lib.mkOption {
              type = lib.types.nullOr lib.types.bool;
              default = null;
              description = ''
  
              '';
            };
          };
        }
      );
      default = null;
      description = ''

      '';
    };
  };
  appearance = {
    variables = lib.mkOption {
      type = lib.types.nullOr (lib.types.attrsOf lib.types.str);
      default = null;
      description = ''

      '';
    };
    styles = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = ''

      '';
    };
    javascript = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = ''

      '';
    };
    externalActions = lib.mkOption {
      type = lib.types.nullOr (
        listBetween 0 20 (
          lib.types.submodule {
            options = {
              title = lib.mkOption {
                type = lib.types.str;
                description = ''
    
                '';
              };
              url = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                description = ''
    
                '';
              };
              html = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                description = ''
    
                '';
              };
              description = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                description = ''
    
                '';
              };
              icon = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                description = ''
    
                '';
              };
              color = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                description = ''
    
                '';
              };
              openExternally = lib.mkOption {
                type = lib.types.nullOr lib.types.bool;
                default = null;
                description = ''
    
                '';
              };
            };
          }
        )
      );
      default = null;
      description = ''

      '';
    };
    logo = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            file = lib.mkOption {
              type = lib.types.str;
              description = ''
  
              '';
            };
            sha256 = lib.mkOption {
              type = lib.types.str;
              description = ''
  
              '';
            };
          };
        }
      );
      default = null;
      description = ''

      '';
    };
    favicon = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            file = lib.mkOption {
              type = lib.types.str;
              description = ''
  
              '';
            };
            sha256 = lib.mkOption {
              type = lib.types.str;
              description = ''
  
              '';
            };
          };
        }
      );
      default = null;
      description = ''

      '';
    };
  };
  federation = {
    enabled = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      description = ''

      '';
    };
    followersOnly = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      description = ''

      '';
    };
    showEngagement = lib.mkOption {
      type = lib.types.nullOr lib.types.bool;
      default = null;
      description = ''

      '';
    };
    username = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = ''

      '';
    };
    goLiveMessage = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = ''

      '';
    };
    blockedDomains = lib.mkOption {
      type = lib.types.nullOr (listBetween 0 1000 lib.types.str);
      default = null;
      description = ''

      '';
    };
  };
  notifications = {
    discord = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            enabled = lib.mkOption {
              type = lib.types.bool;
              description = ''
  
              '';
            };
            webhook = lib.mkOption {
              type = lib.types.nullOr (
                lib.types.submodule {
                  options = {
                    secret = lib.mkOption {
                      type = lib.types.str;
                      description = ''
    
                      '';
                    };
                  };
                }
              );
              default = null;
              description = ''
  
              '';
            };
            goLiveMessage = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              description = ''
  
              '';
            };
          };
        }
      );
      default = null;
      description = ''

      '';
    };
    browser = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            enabled = lib.mkOption {
              type = lib.types.bool;
              description = ''
  
              '';
            };
            goLiveMessage = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              description = ''
  
              '';
            };
          };
        }
      );
      default = null;
      description = ''

      '';
    };
  };
  storage = {
    objectStorage = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            enabled = lib.mkOption {
              type = lib.types.bool;
              description = ''
  
              '';
            };
            endpoint = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              description = ''
  
              '';
            };
            bucket = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              description = ''
  
              '';
            };
            region = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              description = ''
  
              '';
            };
            accessKey = lib.mkOption {
              type = lib.types.nullOr (
                lib.types.submodule {
                  options = {
                    secret = lib.mkOption {
                      type = lib.types.str;
                      description = ''
    
                      '';
                    };
                  };
                }
              );
              default = null;
              description = ''
  
              '';
            };
            secretKey = lib.mkOption {
              type = lib.types.nullOr (
                lib.types.submodule {
                  options = {
                    secret = lib.mkOption {
                      type = lib.types.str;
                      description = ''
    
                      '';
                    };
                  };
                }
              );
              default = null;
              description = ''
  
              '';
            };
            acl = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              description = ''
  
              '';
            };
            pathPrefix = lib.mkOption {
              type = lib.types.nullOr lib.types.str;
              default = null;
              description = ''
  
              '';
            };
            pathStyle = lib.mkOption {
              type = lib.types.nullOr lib.types.bool;
              default = null;
              description = ''
  
              '';
            };
          };
        }
      );
      default = null;
      description = ''

      '';
    };
    servingEndpoint = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = ''

      '';
    };
  };
  integrations = {
    webhooks = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            list = lib.mkOption {
              type = listBetween 0 50 (
                lib.types.submodule {
                  options = {
                    url = lib.mkOption {
                      type = lib.types.either lib.types.str (
                        lib.types.submodule {
                          options = {
                            secret = lib.mkOption {
                              type = lib.types.str;
                              description = ''
      
                              '';
                            };
                          };
                        }
                      );
                      description = ''
    
                      '';
                    };
                    events = lib.mkOption {
                      type = listBetween 1 9 (
                        lib.types.enum [
                          "chat-message"
                          "name-changed"
                          "user-joined"
                          "user-left"
                          "stream-started"
                          "stream-stopped"
                          "stream-title-changed"
                          "message-visibility-changed"
                          "fediverse-follow"
                        ]
                      );
                      description = ''
    
                      '';
                    };
                  };
                }
              );
              description = ''
  
              '';
            };
            prune = lib.mkOption {
              type = lib.types.nullOr lib.types.bool;
              default = null;
              description = ''
  
              '';
            };
          };
        }
      );
      default = null;
      description = ''

      '';
    };
    accessTokens = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            list = lib.mkOption {
              type = listBetween 0 50 (
                lib.types.submodule {
                  options = {
                    name = lib.mkOption {
                      type = lib.types.str;
                      description = ''
    
                      '';
                    };
                    scopes = lib.mkOption {
                      type = listBetween 1 3 (
                        lib.types.enum [
                          "send-messages"
                          "send-system-messages"
                          "admin"
                        ]
                      );
                      description = ''
    
                      '';
                    };
                  };
                }
              );
              description = ''
  
              '';
            };
            prune = lib.mkOption {
              type = lib.types.nullOr lib.types.bool;
              default = null;
              description = ''
  
              '';
            };
          };
        }
      );
      default = null;
      description = ''

      '';
    };
  };
  access = {
    adminPassword = lib.mkOption {
      type = lib.types.nullOr (
        lib.types.submodule {
          options = {
            secret = lib.mkOption {
              type = lib.types.str;
              description = ''
  
              '';
            };
          };
        }
      );
      default = null;
      description = ''

      '';
    };
    streamKeys = lib.mkOption {
      type = lib.types.nullOr (
        listBetween 1 50 (
          lib.types.submodule {
            options = {
              secret = lib.mkOption {
                type = lib.types.str;
                description = ''
    
                '';
              };
              comment = lib.mkOption {
                type = lib.types.nullOr lib.types.str;
                default = null;
                description = ''
    
                '';
              };
            };
          }
        )
      );
      default = null;
      description = ''

      '';
    };
  };
}
