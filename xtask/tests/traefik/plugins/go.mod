// The plug-ins that are tested as they are, from the module proxy.
module plugins

go 1.22

require github.com/jamesmcroft/traefik-plugin-rewrite-response-headers v1.1.2
