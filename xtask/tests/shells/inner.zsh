# Sourced by the shell that complete.zsh runs: shows completions on the file
# $offered instead of the screen.

autoload -Uz compinit
compinit -D -u
_cargo() { compadd bench build }
compdef _cargo cargo

compadd() {
    if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
        local -a matching
        builtin compadd -O matching "$@"
        (($#matching)) && print -rl -- $matching >> $offered
    fi
    builtin compadd "$@"
}
_offer() {
    _main_complete
    compstate[insert]=
    compstate[list]=
    print DONE
}
zle -C offer list-choices _offer
bindkey '^I' offer
