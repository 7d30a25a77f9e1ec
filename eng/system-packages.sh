# Sourced by ./rubato and ./test.
# require_tools "what for" CHECK=PACKAGE …: installs with apt (as root) the packages whose check fails; otherwise says what is missing.
# A check is a shared library (libssl.so), a program, or a path.
require_tools() {
  local purpose="$1" pair check package libraries missing=()
  libraries="$(installed_libraries)"
  shift
  for pair in "$@"; do
    check="${pair%%=*}" package="${pair##*=}"
    case "$check" in
      /*) [ -e "$check" ] && continue ;;
      lib*) [[ "$libraries" == *"$check"* ]] && continue ;;
      *) command -v "$check" >/dev/null && continue ;;
    esac
    missing+=("$package")
  done
  [ "${#missing[@]}" -eq 0 ] && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing ${missing[*]} ($purpose) …" >&2
    apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 && return
  fi
  echo "Missing system packages ($purpose); install them as root: apt-get install ${missing[*]}" >&2
}

# require_fonts: pictures have text only where the system has a font, whichever.
require_fonts() {
  local folder
  for folder in /usr/share/fonts /usr/local/share/fonts "${HOME:-/}/.fonts" "${HOME:-/}/.local/share/fonts"; do
    [ -z "$(find "$folder" -name '*.[ot]tf' -print -quit 2>/dev/null)" ] || return 0
  done
  require_tools "text in pictures" /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf=fonts-dejavu-core
}

# installed_libraries: the shared libraries that programs find. (Piping it into "grep -q" would fail at random under pipefail.)
installed_libraries() { ldconfig -p 2>/dev/null || /sbin/ldconfig -p; }

# find_dotnet: checks for the SDK and settles its environment.
find_dotnet() {
  if ! command -v dotnet >/dev/null; then
    echo "The .NET 10 SDK is needed, and 'dotnet' is not on the PATH (https://dotnet.microsoft.com/download)." >&2
    exit 1
  fi
  export DOTNET_ROOT="${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}"
  export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
  # The SDK's own tools want ICU for cultures; none of our programs does.
  if [ -z "${DOTNET_SYSTEM_GLOBALIZATION_INVARIANT:-}" ] && [[ "$(installed_libraries)" != *libicuuc* ]]; then
    export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
  fi
}
