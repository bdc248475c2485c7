#!/usr/bin/env bash
# Takes the pictures of docs/pictures from a fresh demo: make pictures
# Needs Chromium, curl and bin/cartwright.
set -euo pipefail
cd "$(dirname "$0")/.."

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
data=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$data"' EXIT
address=127.0.0.1:18099
bin/cartwright demo --listen "$address" --data "$data/store" >/dev/null 2>&1 &
server=$!
for _ in $(seq 600); do # it lives its history first
	curl -sf "http://$address/readyz" >/dev/null && break
	sleep 0.1
done

# picture NAME WIDTHxHEIGHT ADDRESS
picture() {
	"$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars \
		--disable-background-networking --disable-component-update --disable-sync \
		--user-data-dir="$data/browser" --window-size="${2/x/,}" --screenshot="docs/pictures/$1.png" "$3" >/dev/null 2>&1
	echo "docs/pictures/$1.png"
}

# The first size of each of some products, as the API lists them.
items=$(curl -s "http://$address/stores/demo/v3/catalog/products?include=variants&id:in=1,3,12,21" -H 'X-Auth-Token: demo-token-not-secret' |
	grep -o '"variants":\[{"id":[0-9]*,"product_id":[0-9]*' | sed -E 's/.*"id":([0-9]+),"product_id":([0-9]+)/{"product_id":\2,"variant_id":\1,"quantity":1}/' | paste -sd,)
answer=$(curl -s "http://$address/stores/demo/v3/carts?include=redirect_urls" \
	-H 'X-Auth-Token: demo-token-not-secret' -H 'Content-Type: application/json' -d "{\"line_items\":[$items]}")
link=$(sed -E 's/.*"cart_url":"([^"]+)".*/\1/' <<<"$answer")

mkdir -p docs/pictures
picture shop 1200x820 "http://$address/shop/demo/"
picture cart 1200x820 "$link"
picture report 1200x1500 "http://$address/admin/demo"
picture inbox 1200x900 "http://$address/sandbox/inbox"
