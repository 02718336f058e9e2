# Shared by the commands in bin/. Sourced from the project's root, with `set -euo pipefail`.
ROOT=$PWD
LOCAL=$ROOT/.local
VENV=$LOCAL/venv
ODOO_DIR=${ODOO_SOURCE:-$LOCAL/odoo}
DEBIAN_PACKAGES="python3 python3-venv postgresql chromium fontconfig libxrender1 libxext6 libjpeg62-turbo"
ODOO_PACKAGES="odoo-19 libjs-jquery libjs-jquery-form libjs-underscore fonts-montserrat fonts-roboto-unhinted fonts-font-awesome fonts-ocr-b fonts-inconsolata"

say() { printf '%s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

fetch_odoo() {
    local apt=$LOCAL/apt site
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$LOCAL/odoo.new"
    site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep '/debian$' | head -1)
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site sid main" >"$apt/sources.list"
    local opts=(-o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none)
    apt-get "${opts[@]}" update >&2
    (cd "$apt/cache/archives" && apt-get "${opts[@]}" download $ODOO_PACKAGES >&2)
    for deb in "$apt"/cache/archives/*.deb; do dpkg -x "$deb" "$LOCAL/odoo.new"; done
}
