module github.com/jamesmcroft/traefik-plugin-rewrite-response-headers

go 1.22
