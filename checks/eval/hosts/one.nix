# One small stage, with a certificate that needs no outside authority.
{
  networking.hostName = "one";

  services.lectern = {
    enable = true;
    stages.main = {
      domain = "one.test";
      tls = "internal";
      seed = ./stage.json;
    };
  };
}
