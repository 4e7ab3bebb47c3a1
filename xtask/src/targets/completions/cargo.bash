# Completion of `cargo xtask` (and of plain `xtask`) for bash.
#
# Install, from the workspace:
#   mkdir -p ~/.local/share/xtask
#   cargo xtask completions bash > ~/.local/share/xtask/completion.bash
#   echo 'source ~/.local/share/xtask/completion.bash' >> ~/.bashrc
#
# Words after `cargo` other than `xtask` are completed as before, whatever did
# it. Nothing here runs cargo.

# Completes a word after `cargo`.
_xtask_cargo() {
    local at=1
    while ((at < COMP_CWORD)); do
        case ${COMP_WORDS[at]} in
            --color | --config | -C | -Z) ((at += 2)) ;;
            -* | +*) ((at += 1)) ;;
            *) break ;;
        esac
    done
    if ((at < COMP_CWORD)) && [[ ${COMP_WORDS[at]} == xtask ]]; then
        local -a words=("${COMP_WORDS[@]:at}")
        local cword=$((COMP_CWORD - at))
        local -a COMP_WORDS=("${words[@]}")
        local COMP_CWORD=$cword
        compopt +o nospace 2> /dev/null
        _xtask xtask "$2" "$3"
        _xtask_cargo_flags_last "$2"
        return
    fi
    _xtask_cargo_load
    if [[ -n $_xtask_cargo_before ]]; then
        "$_xtask_cargo_before" "$@"
    fi
    if ((at == COMP_CWORD)) && [[ -n $2 && xtask == "$2"* && " ${COMPREPLY[*]} " != *" xtask "* ]]; then
        COMPREPLY+=(xtask)
    fi
}

# Keeps flags back until a dash is typed, where there is something else to offer.
_xtask_cargo_flags_last() {
    local word
    local -a others=()
    for word in "${COMPREPLY[@]}"; do
        [[ $word == -* ]] || others+=("$word")
    done
    if [[ $1 != -* ]] && ((${#others[@]})); then
        COMPREPLY=("${others[@]}")
    fi
}

# Finds the completion that bash-completion would have loaded for `cargo`.
_xtask_cargo_load() {
    local load
    [[ -z $_xtask_cargo_before && -z $_xtask_cargo_looked ]] || return
    _xtask_cargo_looked=1
    for load in _comp_load __load_completion _completion_loader; do
        if declare -F "$load" > /dev/null; then
            "$load" cargo > /dev/null 2>&1
            _xtask_cargo_wrap
            return
        fi
    done
}

# Puts ours before the completion that `cargo` has now, with its options.
_xtask_cargo_wrap() {
    local -a before after=()
    local word name=
    read -ra before <<< "$(complete -p cargo 2> /dev/null)"
    for word in "${before[@]:1}"; do
        if [[ $name == next ]]; then
            name=$word
        elif [[ $word == -F ]]; then
            name=next
        elif [[ $word != cargo ]]; then
            after+=("$word")
        fi
    done
    if ((${#before[@]} == 0)); then
        complete -o bashdefault -o default -F _xtask_cargo cargo
    elif [[ -n $name && $name != _xtask_cargo ]]; then
        _xtask_cargo_before=$name
        complete "${after[@]}" -F _xtask_cargo cargo
    fi
}

_xtask_cargo_wrap

