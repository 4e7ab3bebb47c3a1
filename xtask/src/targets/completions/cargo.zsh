# Completion of `cargo xtask` (and of plain `xtask`) for zsh.
#
# Install, from the workspace:
#   mkdir -p ~/.local/share/xtask
#   cargo xtask completions zsh > ~/.local/share/xtask/completion.zsh
#   echo 'source ~/.local/share/xtask/completion.zsh' >> ~/.zshrc   # after compinit
#
# Words after `cargo` other than `xtask` are completed as before, whatever did
# it. Nothing here runs cargo.

# Completes a word after `cargo`.
_xtask_cargo() {
    local at=2
    while ((at < CURRENT)); do
        case $words[at] in
            (--color|--config|-C|-Z) ((at += 2)) ;;
            (-*|+*) ((at += 1)) ;;
            (*) break ;;
        esac
    done
    if ((at < CURRENT)) && [[ $words[at] == xtask ]]; then
        local service=xtask
        shift $((at - 1)) words
        ((CURRENT -= at - 1))
        _xtask
        return
    fi
    local status_before=1 status_own=1
    if [[ -n $_xtask_cargo_before ]]; then
        $_xtask_cargo_before "$@"
        status_before=$?
    fi
    if ((at == CURRENT)); then
        compadd xtask
        status_own=$?
    fi
    return $((status_before && status_own))
}

if [[ ${_comps[cargo]} != _xtask_cargo ]]; then
    typeset -g _xtask_cargo_before=${_comps[cargo]}
fi
compdef _xtask_cargo cargo

