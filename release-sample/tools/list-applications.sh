#!/bin/sh
# Names the applications of a release.
set -eu
cd "$(dirname "$0")/../argocd/applications/templates"
sed -n 's/^  name: //p' -- *.yaml
