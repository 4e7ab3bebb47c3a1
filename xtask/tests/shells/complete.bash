# Prints what bash would offer for the line $2, after sourcing the script $1.

_cargo() {
    local COMMANDS='bench build'

    COMPREPLY=($(compgen -W "$COMMANDS" -- "$2"))
}
if [[ $3 == loaded ]]; then
    complete -o nosort -F _cargo cargo
else
    # What bash-completion does at the first TAB.
    _completion_loader() { complete -F _cargo "$1"; }
fi
source "$1"
source "$1"

COMP_LINE=$2
COMP_POINT=${#COMP_LINE}
read -ra COMP_WORDS <<< "$COMP_LINE"
[[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
spec=$(complete -p "${COMP_WORDS[0]}")
function=${spec#*-F }
function=${function%% *}
COMPREPLY=()
"$function" "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
