# The same host with captions in four languages. This host's engine hears two of them.
{
  imports = [ ./one.nix ];

  services.lectern.stages.main = {
    settings.captions = {
      tracks = [
        {
          language = "en";
          source = "speech";
        }
        {
          language = "fr";
          source = "interpreter";
        }
        {
          language = "es";
          source = "translation";
          from = "en";
        }
        {
          language = "de";
          source = "push";
        }
      ];
      transcript = "published";
    };
    captions = {
      engine = "pocketsphinx";
      models = {
        en = "/srv/models/en-us";
        fr = "/srv/models/fr-fr";
      };
      translate.es = "http://127.0.0.1:5000";
    };
  };
}
