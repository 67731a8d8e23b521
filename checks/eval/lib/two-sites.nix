# A host without Lectern whose nginx serves two sites, with settings that such hosts often have.
{
  networking.hostName = "sites";

  security.acme = {
    acceptTerms = true;
    defaults.email = "webmaster@sites.test";
  };

  services.nginx = {
    enable = true;
    recommendedOptimisation = true;
    recommendedProxySettings = true;

    virtualHosts = {
      "www.sites.test" = {
        enableACME = true;
        forceSSL = true;
        root = "/srv/www";
        locations."/".tryFiles = "$uri $uri/ =404";
      };
      "wiki.sites.test" = {
        enableACME = true;
        forceSSL = true;
        locations."/" = {
          proxyPass = "http://127.0.0.1:3000";
          proxyWebsockets = true;
        };
      };
    };
  };
}
