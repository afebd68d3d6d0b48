#!/usr/bin/env bash
# Builds Pulumi's CLI from the Go module proxy, in the version that package.json pins for @pulumi/pulumi, and keeps it
# in the cache. Prints the binary's path and nothing else. The first build takes about ten minutes on two cores and
# 1.5 GB in Go's own cache; the next call finds it.
# Exit codes: 0 it is there, 1 the build failed, 4 it cannot be built here: there is no Go, or no modules for it.
set -euo pipefail
cd "$(dirname "$0")/.."

cannot() {
  echo "Pulumi's CLI cannot be built here: $1" >&2
  exit 4
}

version=v$(node -p 'require("./package.json").dependencies["@pulumi/pulumi"]')
folder=${XDG_CACHE_HOME:-$HOME/.cache}/aws-event-guardrails/pulumi-$version
if [ ! -x "$folder/pulumi" ]; then
  command -v go >/dev/null || cannot "there is no go on the PATH; install it (https://go.dev/dl) or a Pulumi CLI"
  mkdir -p "$folder"
  module=$(mktemp -d)
  trap 'rm -rf "$module" "$folder/pulumi.$$"' EXIT
  echo "Building Pulumi's CLI $version, once: about ten minutes" >&2
  # `go install` refuses a module with replacements, which Pulumi's has: so a module of its own that asks for it.
  printf 'module build\n' >"$module/go.mod"
  go -C "$module" get "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi@$version" 2>"$module/log" ||
    cannot "its modules could not be fetched: $(tail -n 1 "$module/log")"
  go -C "$module" build -o "$folder/pulumi.$$" \
    -ldflags "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$version" \
    github.com/pulumi/pulumi/pkg/v3/cmd/pulumi >&2
  # At once, so that a build that is ended leaves nothing that looks finished.
  mv "$folder/pulumi.$$" "$folder/pulumi"
fi
echo "$folder/pulumi"
